import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** The whole program of the process. */
const PROGRAM = `
  const net = require('node:net');
  const [to, port] = process.argv.slice(1).map(Number);
  net.createServer((near) => {
    const far = net.connect(to, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
  }).listen(port, '127.0.0.1', function () { console.log(this.address().port); });
`;

/** A process that passes TCP on, so that connections can be broken in the way in which they break. */
export class TcpRelay {
  /** Where it listens on 127.0.0.1; kept over restarts. */
  readonly port: number;
  readonly #to: number;
  #child: ChildProcess;

  private constructor(port: number, to: number, child: ChildProcess) {
    this.port = port;
    this.#to = to;
    this.#child = child;
  }

  /** Passes on to a port of 127.0.0.1. */
  static async start(to: number): Promise<TcpRelay> {
    const { child, port } = await run(to, 0);
    return new TcpRelay(port, to, child);
  }

  /** Ends the process with SIGKILL: nobody says goodbye on any of its connections. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Listens again; for use after `kill`. */
  async again(): Promise<void> {
    const { child } = await run(this.#to, this.port);
    this.#child = child;
  }
}

async function run(to: number, at: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['-e', PROGRAM, '--', String(to), String(at)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}
