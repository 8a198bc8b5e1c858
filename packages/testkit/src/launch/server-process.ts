import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdminInput, RoomRef } from '@roomkey/protocol';
import { openAdmin } from '@roomkey/server/admin';
import { TicketIssuer } from '@roomkey/tickets';
import { WebSocket } from 'ws';
import type { Network } from '../network/network.ts';

const PROGRAM = fileURLToPath(new URL('../../../cli/bin/roomkey.js', import.meta.url));

/** Settings of a server whose garbage can be collected from outside. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const;

/** How a server under test starts. */
export interface ServerProcessOptions {
  /** Settings beside those that every test needs (a port and a data folder of its own). */
  readonly env?: Readonly<Record<string, string>>;
  /** The network that it runs in. Default: this computer's own, where it is reached as `localhost`. */
  readonly network?: Network;
}

/** The built server as a process of its own, on a data folder and a port of its own, both kept over restarts. */
export class ServerProcess {
  /** Where it is reached, like `http://localhost:41234`. */
  readonly url: string;
  readonly dataDir: string;
  readonly #env: NodeJS.ProcessEnv;
  /** What the program is started with. */
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(place: Place, dataDir: string, env: NodeJS.ProcessEnv) {
    this.url = place.url;
    this.dataDir = dataDir;
    this.#command = place.command;
    this.#env = env;
  }

  /** Starts a server and resolves when it is ready. */
  static async start({ env = {}, network }: ServerProcessOptions = {}): Promise<ServerProcess> {
    const dataDir = mkdtempSync(join(tmpdir(), 'roomkey-test-'));
    const place = network ? placeIn(network) : await placeOnLoopback();
    const settings = {
      ...place.settings,
      ROOMKEY_DATA_DIR: dataDir,
      ROOMKEY_LOG_LEVEL: 'debug',
      ROOMKEY_REQUESTS_PER_SECOND: '1000',
      // All clients of a test have one address.
      ROOMKEY_MAX_CONNECTIONS_PER_ADDRESS: '10000',
      ROOMKEY_MAX_OUTSIDE_PER_ADDRESS: '10000',
    };
    const server = new ServerProcess(place, dataDir, {
      ...process.env,
      ...settings,
      ...env,
    });
    await server.start();
    return server;
  }

  /** Starts the process; for use after `kill` or `stop`. */
  async start(): Promise<void> {
    if (this.#child) throw new Error('the server runs already');
    const [program = '', ...args] = [...this.#command, process.execPath, PROGRAM, 'serve'];
    const child = spawn(program, args, {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      const heard = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#output.includes('Roomkey is ready')) resolve();
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code}:\n${this.#output}`)));
    });
  }

  /** Everything the process has printed since its last start. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    const { pid } = this.#child ?? {};
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  /** The application that the first start made, and its secret key. */
  get application(): { readonly sdkAppId: number; readonly secretKey: string } {
    const text = readFileSync(join(this.dataDir, 'first-run.txt'), 'utf8');
    const [, sdkAppId = '', secretKey = ''] = /SDKAppID\s+(\d+)[\s\S]*secret key\s+(\S+)/.exec(text) ?? [];
    return { sdkAppId: Number(sdkAppId), secretKey };
  }

  /** Changes settings of that application while the server runs, as an operator would. */
  async set(settings: AdminInput<'app.set'>['settings']): Promise<void> {
    const admin = await openAdmin({ folder: this.dataDir });
    await admin.call('app.set', { sdkAppId: this.application.sdkAppId, settings });
    await admin.close();
  }

  /** Takes somebody out of a room, as an operator would. */
  async kick(room: RoomRef, userId: string): Promise<void> {
    const admin = await openAdmin({ folder: this.dataDir });
    await admin.call('member.kick', { sdkAppId: this.application.sdkAppId, room, userIds: [userId] });
    await admin.close();
  }

  /** Signs for that application. */
  get issuer(): TicketIssuer {
    return new TicketIssuer(this.application);
  }

  /** The process ids of the media workers that live. */
  async workerPids(): Promise<number[]> {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mediasoup-worker'));
  }

  /** Lets the process collect its garbage, so that what is left is in use. It must have been started with {@link inspected}. */
  async collectGarbage(): Promise<void> {
    const [url] = /ws:\/\/\S+/.exec(this.#output) ?? [];
    if (url === undefined) throw new Error('the server was not started with an inspector');
    const inspector = new WebSocket(url);
    await once(inspector, 'open');
    inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
    await once(inspector, 'message');
    inspector.close();
  }

  /** Ends the process as an operator would, and resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }

  /** Stops the process and removes its data. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Where a server runs, and how it is told. */
interface Place {
  readonly url: string;
  readonly command: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

async function placeOnLoopback(): Promise<Place> {
  const port = await freePort();
  const settings = { ROOMKEY_PORT: String(port), ROOMKEY_MEDIA_PORT: '0' };
  return { url: `http://localhost:${port}`, command: [], settings };
}

function placeIn({ core, server }: Network): Place {
  const { address, ports } = server;
  const settings = {
    ROOMKEY_HOST: '0.0.0.0',
    ROOMKEY_PORT: String(ports.http),
    ROOMKEY_ANNOUNCED_ADDRESS: address,
    ROOMKEY_MEDIA_PORT: String(ports.media),
    // A link with a relay has one port for media.
    ROOMKEY_WORKERS: '1',
  };
  return { url: `http://${address}:${ports.http}`, command: core.command, settings };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
