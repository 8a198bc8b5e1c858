import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import * as z from 'zod';
import { StoreError } from '../../ports/index.ts';
import { type AnchorMark, type JournalChain, sameCode } from './chain.ts';

/** Longest line of an anchor in bytes, with much to spare. */
const LINE = 512;
const NEWLINE = 0x0a;

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
/** Other fields are ignored: a line of the server's log that tells an anchor has some. */
const anchorLine = z.object({
  at: z.int(),
  believed: z.int().optional(),
  count: z.int().min(0),
  head: hex32,
  code: hex32,
});

/** An anchor as it is written. */
export type Anchor = z.infer<typeof anchorLine>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

const anchorOf = ({ at, believed, count, head }: AnchorMark, code: Uint8Array): Anchor => ({
  at,
  ...(believed === undefined ? {} : { believed }),
  count,
  head: hex(head),
  code: hex(code),
});

/** What a line says, if it is an anchor, and whether its code is of this chain. */
export function readAnchor(
  line: string,
  chain: JournalChain,
): (AnchorMark & { readonly genuine: boolean }) | undefined {
  try {
    const { at, believed, count, head, code } = anchorLine.parse(JSON.parse(line));
    const mark = { at, believed, count, head: bytes(head) };
    return { ...mark, genuine: sameCode(bytes(code), chain.anchor(mark)) };
  } catch {
    return undefined;
  }
}

/** The file of the anchors: one a line, the newest last. Each call rejects with a `StoreError`. */
export class JournalAnchors {
  readonly #file: string;
  readonly #chain: JournalChain;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(file: string, chain: JournalChain) {
    this.#file = file;
    this.#chain = chain;
  }

  /** Cuts off what a crash has left half-written; returns the genuine ones of the last few anchors, the newest last. */
  begin(): Promise<AnchorMark[]> {
    return this.#inTurn(async () => {
      const handle = await open(this.#file, 'r+').catch(absent);
      if (handle === '') return [];
      const text = await ending(handle).finally(() => handle.close());
      return text.split('\n').flatMap((line) => {
        const anchor = readAnchor(line, this.#chain);
        return anchor?.genuine ? [anchor] : [];
      });
    });
  }

  /** Adds an anchor; on disk when it resolves with it. */
  add(mark: AnchorMark): Promise<Anchor> {
    const anchor = anchorOf(mark, this.#chain.anchor(mark));
    return this.#inTurn(async () => {
      const handle = await open(this.#file, 'a', 0o600);
      try {
        await handle.appendFile(`${JSON.stringify(anchor)}\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      return anchor;
    });
  }

  /** Deletes the anchors of records that were deleted. */
  forget(before: number): Promise<void> {
    return this.#inTurn(async () => {
      const text = await readFile(this.#file, 'utf8').catch(absent);
      const lines = text.split('\n').filter((line) => line !== '');
      const kept = lines.filter((line) => (readAnchor(line, this.#chain)?.count ?? before) >= before);
      if (kept.length === lines.length) return;
      const draft = `${this.#file}.new`;
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(kept.map((line) => `${line}\n`).join(''));
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.#file);
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#tail;
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(job).catch((cause: unknown) => {
      const { code } = Object(cause) as NodeJS.ErrnoException;
      const fault = code === 'ENOSPC' ? 'full' : 'readOnly';
      throw new StoreError(fault, `${this.#file} cannot be read or written (${code}).`, { cause });
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/** A file that is not there is an empty one. */
function absent(cause: NodeJS.ErrnoException): '' {
  if (cause.code === 'ENOENT') return '';
  throw cause;
}

/** The last lines of a file, without one that has no end. */
async function ending(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - 16 * LINE);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
  if (from + end < size) await handle.truncate(from + end);
  return buffer.toString('utf8', 0, end);
}
