import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Packet, readPacket } from './packet.ts';
import { PcapReader } from './pcap-reader.ts';

/** KiB that the kernel keeps for a reader who is late. */
const BUFFER_KIB = 65_536;

/** Captures one interface with tcpdump, which needs the right to: root, or a network namespace of its own. */
export class Tcpdump {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = '';
  #failure: Error | undefined;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#ended = once(process, 'close');
  }

  /**
   * Resolves when it captures; `heard` gets each packet that the filter (in tcpdump's language) lets through, with its time in
   * unix milliseconds, at most a second later.
   */
  static async start(
    { on, filter }: { readonly on: string; readonly filter: string },
    heard: (packet: Packet, at: number) => void,
  ): Promise<Tcpdump> {
    const options = ['-i', on, '-n', '-s', '0', '-B', String(BUFFER_KIB), '-U', '-Z', 'root', '-w', '-'];
    const process = spawn('tcpdump', [...options, filter], { stdio: ['ignore', 'pipe', 'pipe'] });
    const tcpdump = new Tcpdump(process);
    const reader = new PcapReader((frame, at) => {
      const packet = readPacket(frame);
      if (packet) heard(packet, at);
    });
    process.stdout.on('data', (piece: Buffer) => tcpdump.#read(reader, piece));
    await new Promise<void>((resolve, reject) => {
      process.once('error', (cause) => reject(new Error('This needs tcpdump.', { cause })));
      process.once('exit', () => reject(new Error(`tcpdump ended:\n${tcpdump.#said}`)));
      process.stderr.on('data', (piece: Buffer) => {
        tcpdump.#said += piece.toString();
        if (tcpdump.#said.includes('listening on')) resolve();
      });
    });
    return tcpdump;
  }

  /** Ends the capture. @throws when packets are missing in it, or it could not be read */
  async stop(): Promise<void> {
    this.#process.kill('SIGINT');
    await this.#ended;
    if (this.#failure) throw this.#failure;
    const [, dropped] = /(\d+) packets? dropped by kernel/.exec(this.#said) ?? [];
    if (dropped !== '0') throw new Error(`the capture is not complete:\n${this.#said}`);
  }

  #read(reader: PcapReader, piece: Buffer): void {
    if (this.#failure) return;
    try {
      reader.push(piece);
    } catch (error) {
      this.#failure = error as Error;
      this.#process.kill('SIGINT');
    }
  }
}
