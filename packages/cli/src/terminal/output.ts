import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Terminal } from './terminal.ts';

/** Where many lines go: to the terminal, or into a new file. */
export class Output {
  readonly #terminal: Terminal;
  readonly #file: { readonly name: string; readonly handle: FileHandle } | undefined;

  /** Without a file, lines go to the terminal. */
  constructor(terminal: Terminal, file: { readonly name: string; readonly handle: FileHandle } | undefined) {
    this.#terminal = terminal;
    this.#file = file;
  }

  /** @throws {Error} that says so when the file is there already or cannot be made */
  static async open(terminal: Terminal, name: string | undefined): Promise<Output> {
    if (name === undefined) return new Output(terminal, undefined);
    try {
      return new Output(terminal, { name, handle: await open(name, 'wx', 0o600) });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why = code === 'EEXIST' ? 'is there already' : `cannot be made (${code})`;
      throw new Error(`${name} ${why}.`, { cause });
    }
  }

  /** Resolves when the lines are on their way: who reads slowly holds back who writes. */
  async lines(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    if (this.#file) return this.#write(this.#file, `${lines.join('\n')}\n`);
    this.#terminal.out(lines.join('\n'));
    await this.#terminal.flushed();
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
  }

  /** A file that could not be written to its end is taken away again. */
  async #write({ name, handle }: { readonly name: string; readonly handle: FileHandle }, text: string) {
    try {
      await handle.appendFile(text);
    } catch (cause) {
      await rm(name, { force: true });
      const { code } = cause as NodeJS.ErrnoException;
      throw new Error(`${name} cannot be written (${code}).`, { cause });
    }
  }
}
