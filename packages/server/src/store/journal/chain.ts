import { createHmac, timingSafeEqual } from 'node:crypto';

/** A record as it is kept: what is asked for by itself, and all the rest of it as JSON. */
export interface JournalRow {
  /** Tells the record from every other one; most have none. */
  readonly id: string | null;
  /** Its place in the journal, from 1, without gaps. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly sdkAppId: number | null;
  readonly room: string | null;
  readonly userId: string | null;
  readonly body: string;
}

/** How far the journal had come at some time. */
export interface JournalMark {
  /** Unix milliseconds. */
  readonly at: number;
  /** How many records there had been: the number of the last one. */
  readonly count: number;
  /** The code of the last one. */
  readonly head: Uint8Array;
}

/** What an anchor says. */
export interface AnchorMark extends JournalMark {
  /** The time that it was as far as the wall clock was believed, unix milliseconds. Absent where that is `at`. */
  readonly believed?: number | undefined;
}

/** A key of the codes that counts no more for new records, because it followed from a former master key. */
export interface FormerKey {
  /** The number of the last record whose code is made with it. */
  readonly upTo: number;
  readonly key: Uint8Array;
}

/** What stands before the first record. */
export const beginning: Uint8Array = new Uint8Array(32);

/**
 * The codes of the journal (HMAC-SHA256). The code of a record covers the record and the code before it, so that nobody without
 * the key can change, add, move or leave out a record within the chain.
 */
export class JournalChain {
  readonly #key: Uint8Array;
  readonly #former: readonly FormerKey[];

  /** `key` is kept nowhere near the records. `former` are the keys of earlier records, the oldest first. */
  constructor(key: Uint8Array, former: readonly FormerKey[] = []) {
    this.#key = key;
    this.#former = former;
  }

  /** The number of the last record before the key changed; undefined: it never did. */
  get changedAt(): number | undefined {
    return this.#former.at(-1)?.upTo;
  }

  /** The code of a record behind another one. */
  record(before: Uint8Array, { seq, at, kind, sdkAppId, room, userId, body, id }: JournalRow): Uint8Array {
    // Records had no ids at first.
    const named = id === null ? [] : [id];
    const values = [seq, at, kind, sdkAppId, room, userId, body, ...named];
    return code(this.#keyOf(seq), 'record', before, values);
  }

  /** The code of a record that waits in the outbox. */
  outbox(id: string, record: string): Uint8Array {
    return code(this.#key, 'outbox', beginning, [id, record]);
  }

  /** The code of an anchor. */
  anchor({ at, count, head, believed }: AnchorMark): Uint8Array {
    const values = [at, count, ...(believed === undefined ? [] : [believed])];
    return code(this.#keyOf(count), 'anchor', head, values);
  }

  /** The code of what stands for records that were deleted: always of the newest key. */
  checkpoint({ at, count, head }: JournalMark): Uint8Array {
    return code(this.#key, 'checkpoint', head, [at, count]);
  }

  /** The same as the key before the newest one made it. */
  formerCheckpoint({ at, count, head }: JournalMark): Uint8Array {
    return code(this.#former.at(-1)?.key ?? this.#key, 'checkpoint', head, [at, count]);
  }

  /** The key of the code of a record. */
  #keyOf(seq: number): Uint8Array {
    return this.#former.find(({ upTo }) => seq <= upTo)?.key ?? this.#key;
  }
}

const code = (key: Uint8Array, purpose: string, before: Uint8Array, values: readonly unknown[]): Uint8Array =>
  createHmac('sha256', key).update(`${purpose}\n`).update(before).update(JSON.stringify(values)).digest();

/** Whether two codes are the same, in constant time. */
export const sameCode = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
