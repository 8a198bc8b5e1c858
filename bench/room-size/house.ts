import { AdminError, openAdmin } from '@roomkey/server/admin';
import { TicketIssuer } from '@roomkey/tickets';
import { presets } from '@roomkey/tickets/permissions';
import { Child } from '../child.ts';
import { clientCore, serverCore } from '../cores.ts';
import { progress } from '../options.ts';
import type { RunningServer } from '../own-server.ts';
import type { SignedEntry } from '../signed-entry.ts';
import type { WatchedServerMethods } from '../watched-server.ts';
import { CpuUse } from './cpu-use.ts';
import type { Part } from './member.ts';
import type { RoomSizeMemberMethods } from './members.ts';

type Admin = Awaited<ReturnType<typeof openAdmin>>;

/** The one room of each application. */
export const room = { roomId: 1 } as const;

/** A running server with its members, who are in a process of their own. */
export class House {
  readonly server: Child<WatchedServerMethods>;
  readonly members: Child<RoomSizeMemberMethods>;
  #cpu: CpuUse;
  readonly #url: string;
  readonly #dataDir: string;

  private constructor(server: House['server'], { url, dataDir }: RunningServer, workerPid: number) {
    this.server = server;
    this.members = new Child(new URL('members.ts', import.meta.url), { core: clientCore });
    this.#cpu = new CpuUse([server.pid, workerPid]);
    this.#url = `${url.replace('http', 'ws')}/rtc`;
    this.#dataDir = dataDir;
  }

  static async start(): Promise<House> {
    const server: House['server'] = new Child(new URL('../watched-server.ts', import.meta.url), {
      core: serverCore,
      built: true,
    });
    const env = {
      ROOMKEY_LOG_LEVEL: 'info',
      ROOMKEY_REQUESTS_PER_SECOND: '1000',
      ROOMKEY_CHANGES_PER_SECOND: '10000',
      ROOMKEY_ENTER_SECONDS: '60',
    };
    const running = await server.call('start', { env, resolution: 1 });
    return new House(server, running, await server.call('workerPid'));
  }

  /** CPU of the Node process and of the media worker together. */
  get cpu(): CpuUse {
    return this.#cpu;
  }

  /** Does something as an operator. */
  async operate<T>(job: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = await openAdmin({ folder: this.#dataDir });
    try {
      return await job(admin);
    } finally {
      await admin.close();
    }
  }

  /** The same, where the members will show what was done; says it when the server does not answer the operator. */
  async demand(job: (admin: Admin) => Promise<unknown>): Promise<void> {
    try {
      await this.operate(job);
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      progress(`an operator got no answer: ${error.message}`);
    }
  }

  /** A new application with one key of its own. */
  async application(settings: {
    permissionControl: 'off' | 'enforce';
    graceSeconds?: number;
  }): Promise<Application> {
    const asked = { settings: { maxMembersPerRoom: 100_000, ...settings } };
    const { application, key } = await this.operate((admin) => admin.call('app.create', asked));
    // A server may have replaced its worker.
    this.#cpu = new CpuUse([this.server.pid, await this.server.call('workerPid')]);
    const { sdkAppId } = application;
    const { keyId, secret: secretKey } = key;
    if (secretKey === undefined) throw new Error('the server made no secret key');
    return new Application(
      sdkAppId,
      keyId,
      settings.permissionControl === 'enforce',
      new TicketIssuer({ sdkAppId, secretKey }),
    );
  }

  /** Lets so many more members of an application into the room; resolves when everybody has everything. */
  async enter(application: Application, count: number, part: Part): Promise<void> {
    const entries = application.sign(count);
    await this.members.call('enter', { url: this.#url, entries, ...part });
  }

  visit(application: Application): Promise<void> {
    const [entry] = application.sign(1);
    if (!entry) throw new Error('nobody was given tickets');
    return this.members.call('visit', { url: this.#url, entry });
  }

  async end(): Promise<void> {
    await Promise.all([this.members.end(), this.server.end()]);
  }
}

/** An application and the users to whom it has given tickets. */
export class Application {
  readonly sdkAppId: number;
  readonly keyId: string;
  readonly #withKeys: boolean;
  readonly #issuer: TicketIssuer;
  #users = 0;

  constructor(sdkAppId: number, keyId: string, withKeys: boolean, issuer: TicketIssuer) {
    this.sdkAppId = sdkAppId;
    this.keyId = keyId;
    this.#withKeys = withKeys;
    this.#issuer = issuer;
  }

  /** Tickets of users that had none before; where control is off a UserSig alone. */
  sign(count: number): SignedEntry[] {
    const { sdkAppId } = this;
    return Array.from({ length: count }, () => {
      const userId = `member_${this.#users++}`;
      const userSig = this.#issuer.genUserSig(userId, 7200);
      const privateMapKey = this.#issuer.genPrivateMapKey(userId, 7200, room.roomId, presets.anchor);
      return { sdkAppId, userId, userSig, ...room, ...(this.#withKeys && { privateMapKey }) };
    });
  }
}
