import { StoreError } from '../../ports/index.ts';
import type { JournalEvents } from './events.ts';
import type { JournalFile } from './file.ts';

/** Bytes of a record on disk, with some to spare: for the records since the last measurement. */
const RECORD_BYTES = 400;
/** The part of the bound from which on there is an alarm. */
const ALARM = 0.8;
/** How far beyond the bound the records of what takes may go. */
const RESERVE = 1.1;

/** What a bound is held against. */
interface Parts {
  readonly file: Pick<JournalFile, 'bytes'>;
  /** How many records have been kept by now. */
  readonly kept: () => number;
  readonly maxBytes: number;
  readonly events: Pick<JournalEvents, 'trouble'>;
}

/** How much of the disk the records of the journal take, and may. */
export class JournalBound {
  readonly #parts: Parts;
  #measured = 0;
  #keptThen = 0;
  #alarm: 'none' | 'near' | 'reached' = 'none';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As measured last, and an estimate of what came since. */
  get bytes(): number {
    return this.#measured + (this.#parts.kept() - this.#keptThen) * RECORD_BYTES;
  }

  /** Whether the alarm was given and holds. */
  get isNear(): boolean {
    return this.#alarm !== 'none';
  }

  /** Whether nothing may be granted. */
  get isReached(): boolean {
    return this.bytes >= this.#parts.maxBytes;
  }

  /** Whether the reserve is used up too. */
  get isExceeded(): boolean {
    return this.bytes > this.#parts.maxBytes * RESERVE;
  }

  /** Measures, and gives the alarm before the bound is reached, and when it is. */
  async measure(): Promise<void> {
    const { file, kept, maxBytes, events } = this.#parts;
    const then = kept();
    try {
      this.#measured = await file.bytes();
    } catch (error) {
      events.trouble(error as StoreError);
      return;
    }
    this.#keptThen = then;
    const before = this.#alarm;
    this.#alarm = this.isReached ? 'reached' : this.bytes >= maxBytes * ALARM ? 'near' : 'none';
    if (this.#alarm !== 'none' && this.#alarm !== before) events.trouble(this.#fault());
  }

  #fault(): StoreError {
    const { maxBytes } = this.#parts;
    const then =
      this.#alarm === 'near'
        ? 'When they are used up, nobody enters and no permission is given.'
        : 'Nobody enters and no permission is given until there is room.';
    return new StoreError(
      'full',
      `The journal takes ${megabytes(this.bytes)} of ${megabytes(maxBytes)} MB (ROOMKEY_JOURNAL_MAX_MB). ${then} Export records and keep them for fewer days, or allow more.`,
    );
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);
