import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TicketIssuer } from '@roomkey/tickets';
import { WebSocket } from 'ws';
import { type AdminClient, openAdmin } from './admin/index.ts';

const packageFolder = fileURLToPath(new URL('../', import.meta.url));
const sdkAppId = 1_400_000_001;

/** A server as a process of its own, to be killed. */
export class DoomedServer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<unknown>;
  readonly #admins: AdminClient[] = [];
  #url = '';
  #isLoaded = false;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#ended = once(child, 'exit');
  }

  static async start(folder: string): Promise<DoomedServer> {
    const program = `import { runServer } from './src/index.ts'; await runServer(process.env, console.log);`;
    const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program];
    const child = spawn(process.execPath, args, {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ROOMKEY_DATA_DIR: folder,
        ROOMKEY_PORT: '0',
        ROOMKEY_MEDIA_PORT: '0',
        ROOMKEY_WORKERS: '1',
        ROOMKEY_DEMO: 'off',
        ROOMKEY_LOG_LEVEL: 'warn',
      },
    });
    const server = new DoomedServer(child, folder);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        output += String(chunk);
        server.#url = /Roomkey is ready at (\S+)/.exec(output)?.[1] ?? '';
        if (server.#url) resolve();
      });
      child.once('exit', () => reject(new Error(`The server did not start: ${output}`)));
    });
    return server;
  }

  async admin(): Promise<AdminClient> {
    const admin = await openAdmin({ folder: this.#folder });
    this.#admins.push(admin);
    return admin;
  }

  /** Lets members enter and leave until the end. */
  load(members: number): void {
    this.#isLoaded = true;
    for (let n = 0; n < members; n++) void this.#comeAndGo(`member${n}`).catch(() => {});
  }

  /** Ends the process this moment; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#isLoaded = false;
    this.#child.kill('SIGKILL');
    await this.#ended;
    for (const admin of this.#admins) await admin.close();
  }

  /** Lets one member enter room 1 and stay. */
  async enter(userId: string): Promise<WebSocket> {
    const text = readFileSync(path.join(this.#folder, 'first-run.txt'), 'utf8');
    const secretKey = /^secret key\s+(\S+)/m.exec(text)?.[1] ?? '';
    const issuer = new TicketIssuer({ sdkAppId, secretKey });
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/rtc`);
    socket.on('error', () => {});
    await once(socket, 'open');
    const params = {
      sdkAppId,
      userId,
      userSig: issuer.genUserSig(userId, 600),
      privateMapKey: issuer.genPrivateMapKey(userId, 600, 1, 255),
      scene: 'rtc',
      role: 'anchor',
      roomId: 1,
    };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'enter', params }));
    for await (const [data] of on(socket)) if (JSON.parse(String(data)).id === 1) break;
    return socket;
  }

  async #comeAndGo(userId: string): Promise<void> {
    while (this.#isLoaded) {
      const socket = await this.enter(userId);
      socket.close();
      await once(socket, 'close');
    }
  }
}

async function* on(socket: WebSocket): AsyncGenerator<unknown[]> {
  for (;;) yield await once(socket, 'message');
}
