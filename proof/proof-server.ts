import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdminInput, Params } from '@roomkey/protocol';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { type AdminClient, openAdmin } from '@roomkey/server/admin';
import { decodeTicket, TicketIssuer } from '@roomkey/tickets';

/** What can be put between the parts of a server. */
export type Wrappers = NonNullable<Parameters<typeof RoomkeyServer.start>[2]>;
/** The media plane of the server, with what the proof measures. */
export type Plane = Parameters<NonNullable<Wrappers['plane']>>[0];

const settings = {
  ROOMKEY_PORT: '0',
  ROOMKEY_MEDIA_PORT: '0',
  ROOMKEY_DEMO: 'off',
  ROOMKEY_LOG_LEVEL: 'silent',
  ROOMKEY_REQUESTS_PER_SECOND: '10000',
  ROOMKEY_CHANGES_PER_SECOND: '10000',
  ROOMKEY_PENDING_REQUESTS: '1000',
};

/** How a server is started. */
export interface Start {
  readonly workerBin: string | undefined;
  /** Default 4. */
  readonly workers?: number;
  /** Makes what is wrong with it. */
  readonly wrong?: (server: () => ProofServer) => Wrappers;
}

/** Signs what an entry shows. */
export interface TicketWish {
  readonly userId: string;
  readonly roomId: number;
  readonly byte: number;
  /** When the tickets are signed, unix seconds; default now. */
  readonly issuedAt?: number | undefined;
  /** The last second in which the PrivateMapKey is good; default an hour after it was signed. */
  readonly expiresAt?: number | undefined;
}

/** A real server in this process, with media workers, on a data folder of its own. */
export class ProofServer {
  /** Where members connect. */
  readonly url: string;
  readonly plane: Plane;
  readonly admin: AdminClient;
  readonly sdkAppId: number;
  readonly #secretKey: string;
  readonly #server: RoomkeyServer;
  readonly #folder: string;
  #rooms = 0;

  private constructor(
    server: RoomkeyServer,
    folder: string,
    plane: Plane,
    admin: AdminClient,
    application: { readonly sdkAppId: number; readonly secretKey: string },
  ) {
    this.url = `ws://127.0.0.1:${new URL(server.url).port}/rtc`;
    this.plane = plane;
    this.admin = admin;
    this.sdkAppId = application.sdkAppId;
    this.#secretKey = application.secretKey;
    this.#server = server;
    this.#folder = folder;
  }

  /** Starts a server whose application demotes members with expired keys. */
  static async start({ workerBin, workers = 4, wrong = () => ({}) }: Start): Promise<ProofServer> {
    let started: ProofServer | undefined;
    const wrappers = wrong(() => {
      if (!started) throw new Error('the server has not started yet');
      return started;
    });
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-proof-'));
    const dataDir = join(folder, 'data');
    let plane: Plane | undefined;
    const config = loadConfig({
      ...settings,
      ROOMKEY_WORKERS: String(workers),
      ROOMKEY_DATA_DIR: dataDir,
      ROOMKEY_WORKER_BIN: workerBin,
    });
    const server = await RoomkeyServer.start(config, undefined, {
      ...wrappers,
      plane: (inner) => {
        plane = inner;
        return wrappers.plane?.(inner) ?? inner;
      },
    });
    if (!plane) throw new Error('the server made no media plane');
    const text = readFileSync(join(dataDir, 'first-run.txt'), 'utf8');
    const [, id, secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
    const sdkAppId = Number(id);
    const admin = await openAdmin({ folder: dataDir });
    const application: AdminInput<'app.set'> = { sdkAppId, settings: { expiryPolicy: 'demote' } };
    await admin.call('app.set', application);
    started = new ProofServer(server, folder, plane, admin, { sdkAppId, secretKey });
    return started;
  }

  /** The number of a room that nobody has used. */
  newRoom(): number {
    return ++this.#rooms;
  }

  /** A PrivateMapKey. */
  privateMapKey({ userId, roomId, byte, issuedAt, expiresAt }: TicketWish): string {
    const now = issuedAt ?? Math.floor(Date.now() / 1000);
    const issuer = this.#issuer(now);
    return issuer.genPrivateMapKey(userId, (expiresAt ?? now + 3600) - now, roomId, byte);
  }

  /** The same PrivateMapKey, but with all bits. */
  allBits(privateMapKey: string): string {
    const { userId, issuedAt, expiresAt, userbuf } = decodeTicket(privateMapKey);
    const roomId = userbuf?.roomId ?? 0;
    return this.privateMapKey({ userId, roomId, byte: 255, issuedAt, expiresAt });
  }

  /** What an entry shows. */
  entry(wish: TicketWish): Partial<Params<'enter'>> {
    const { userId, roomId, issuedAt } = wish;
    const { sdkAppId } = this;
    const now = issuedAt ?? Math.floor(Date.now() / 1000);
    const userSig = this.#issuer(now).genUserSig(userId, 7200);
    return { sdkAppId, userId, roomId, userSig, privateMapKey: this.privateMapKey(wish) };
  }

  /** Kills the media workers; the server starts others in their place. */
  async killWorkers(): Promise<void> {
    const { workers } = await this.plane.snapshot();
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.admin.close();
    await this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }

  #issuer(now: number): TicketIssuer {
    return new TicketIssuer({ sdkAppId: this.sdkAppId, secretKey: this.#secretKey, now });
  }
}
