import { once } from 'node:events';

/** Where a command reads and writes; a test has its own. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Results: one text for each command. */
  out(text: string): void;
  /** Resolves when there is room for more: who reads slowly holds back who writes much. */
  flushed(): Promise<void>;
  /** Notes beside the result. */
  err(text: string): void;
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  env: process.env,
  stdin: process.stdin,
  out: (text) => void process.stdout.write(`${text}\n`),
  flushed: async () => {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  },
  err: (text) => void process.stderr.write(`${text}\n`),
};
