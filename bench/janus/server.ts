import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from '@roomkey/testkit/network';
import { address } from '../namespace.ts';

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

  private constructor({ address, port }: Place, pid: number, stop: () => Promise<void>) {
    this.url = `ws://${address}:${port}`;
    this.pid = pid;
    this.#stop = stop;
  }

  /** Starts Janus on one core; `eventLoops` threads share all connections, by default each one has its own. */
  static start(core: number, eventLoops?: number): Promise<JanusServer> {
    const command = ['taskset', '--cpu-list', String(core)];
    return JanusServer.#start({ command, address, port: nextPort++, eventLoops });
  }

  /** Starts Janus where the server of a network is. */
  static startIn({ core, server: { ports } }: Network): Promise<JanusServer> {
    return JanusServer.#start({
      command: core.command,
      address: '0.0.0.0',
      port: ports.http,
      mediaPorts: [ports.media, ports.lastMedia],
    });
  }

  static async #start(place: Place): Promise<JanusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-janus-'));
    const logFile = join(folder, 'janus.log');
    configure(folder, place);
    const [program = '', ...args] = [
      ...place.command,
      ...['janus', '--configs-folder', folder, '--disable-colors'],
      ...['--log-file', logFile, '--disable-stdout'],
    ];
    const child = spawn(program, args, { stdio: 'ignore' });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.pid === undefined) throw new Error(`${program} (of util-linux) did not start.`);
    const server = new JanusServer(place, child.pid, async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    });
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
      if (log.includes(`Websockets server started (port ${place.port})`)) return server;
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`Janus does not start:\n${log.trim().split('\n').slice(-8).join('\n')}`);
      await sleep(50);
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

/** Where and how it runs. */
interface Place {
  /** What it is started with. */
  readonly command: readonly string[];
  readonly address: string;
  readonly port: number;
  /** The first and the last port for media; any by default. */
  readonly mediaPorts?: readonly [number, number];
  readonly eventLoops?: number | undefined;
}

function configure(folder: string, { address, port, mediaPorts, eventLoops }: Place): void {
  const loops = eventLoops === undefined ? '' : `event_loops = ${eventLoops}`;
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `general: { ${loops} }
${mediaPorts ? `media: { rtp_port_range = "${mediaPorts.join('-')}" }` : ''}
plugins: { disable = "${libraries(unused.plugins)}" }
transports: { disable = "${libraries(unused.transports)}" }
`,
  );
  writeFileSync(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: { ws = true\n ws_port = ${port}\n ws_ip = "${address}" }\n`,
  );
}
