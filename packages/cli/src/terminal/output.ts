import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Terminal } from './terminal.ts';

interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
}

/** Where many lines go: to the terminal, or into a new file. */
export class Output {
  readonly #terminal: Terminal;
  readonly #file: OpenFile | undefined;

  private constructor(terminal: Terminal, file: OpenFile | undefined) {
    this.#terminal = terminal;
    this.#file = file;
  }

  /**
   * Writes with `write` into a new file, or without a name to the terminal. A file that is not written to its end is taken away
   * again: nobody shall take a part for the whole.
   *
   * @throws {Error} that says so when the file is there already, or cannot be made or written; else what `write` throws
   */
  static async use(
    terminal: Terminal,
    name: string | undefined,
    write: (output: Output) => Promise<void>,
  ): Promise<void> {
    const file = name === undefined ? undefined : { name, handle: await newFile(name) };
    try {
      await write(new Output(terminal, file));
    } catch (error) {
      if (file) await rm(file.name, { force: true });
      throw error;
    } finally {
      await file?.handle.close();
    }
  }

  /** Resolves when the lines are on their way: who reads slowly holds back who writes. */
  async lines(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.join('\n');
    if (this.#file) return append(this.#file, `${text}\n`);
    this.#terminal.out(text);
    await this.#terminal.flushed();
  }
}

async function newFile(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'wx', 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be made (${code})`;
    throw new Error(`${name} ${why}.`, { cause });
  }
}

async function append({ name, handle }: OpenFile, text: string): Promise<void> {
  try {
    await handle.appendFile(text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`${name} cannot be written (${code}).`, { cause });
  }
}
