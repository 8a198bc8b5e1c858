import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { address } from '../namespace.ts';
import { JanusSession } from './session.ts';

/** Each server takes the next; in the namespace all are free. */
let nextPort = 8188;
const patienceMs = 20_000;

/** Plugins and transports that Debian's package has beside the two in use. */
const unused = {
  plugins: 'audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail',
  transports: 'http mqtt nanomsg pfunix rabbitmq',
};

const libraries = (names: string) =>
  names
    .split(' ')
    .map((name) => `libjanus_${name}.so`)
    .join(',');

/** Janus as a process, with the VideoRoom plugin behind a WebSocket and all else as shipped. */
export class JanusServer {
  readonly url: string;
  readonly pid: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, pid: number, stop: () => Promise<void>) {
    this.url = `ws://${address}:${port}`;
    this.pid = pid;
    this.#stop = stop;
  }

  /** Starts Janus on one core; `eventLoops` threads share all connections, by default each one has its own. */
  static async start(core: number, eventLoops?: number): Promise<JanusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-janus-'));
    const port = nextPort++;
    configure(folder, port, eventLoops);
    const args = ['--cpu-list', String(core), 'janus', '--configs-folder', folder, '--disable-colors'];
    const child = spawn('taskset', [...args, '--log-file', join(folder, 'janus.log'), '--disable-stdout'], {
      stdio: 'ignore',
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.pid === undefined) throw new Error('taskset (of util-linux) did not start.');
    const server = new JanusServer(port, child.pid, async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    });
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        (await JanusSession.open(server.url)).close();
        return server;
      } catch (cause) {
        if (child.exitCode === null && performance.now() < deadline) {
          await sleep(50);
          continue;
        }
        const log = readFileSync(join(folder, 'janus.log'), 'utf8').trim().split('\n').slice(-8).join('\n');
        throw new Error(`Janus does not start:\n${log}`, { cause });
      }
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

function configure(folder: string, port: number, eventLoops: number | undefined): void {
  const loops = eventLoops === undefined ? '' : `event_loops = ${eventLoops}`;
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `general: { ${loops} }
plugins: { disable = "${libraries(unused.plugins)}" }
transports: { disable = "${libraries(unused.transports)}" }
`,
  );
  writeFileSync(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: { ws = true\n ws_port = ${port}\n ws_ip = "${address}" }\n`,
  );
}
