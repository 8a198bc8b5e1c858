import type { Journal, JournalRecord, NamedRecord, Recording, StoreError } from '@roomkey/server/ports';

/** A record that is not kept yet, and who waits for it. */
interface Waiting {
  readonly record: JournalRecord;
  readonly kept: () => void;
  readonly refused: (fault: StoreError) => void;
}

/** A journal in memory. It keeps records at once, until it is told to hold or to fail. */
export class FakeJournal implements Journal {
  /** What was kept, in order. */
  readonly records: JournalRecord[] = [];
  readonly #waiting: Waiting[] = [];
  /** Whether there is no room for what waits. */
  full = false;
  #held = false;
  #fault: StoreError | undefined;

  get available(): boolean {
    return this.#fault === undefined;
  }

  grantRefusal(): 'journalUnavailable' | undefined {
    return this.full ? 'journalUnavailable' : undefined;
  }

  /** From now on records wait; the result lets them be kept. */
  hold(): () => void {
    this.#held = true;
    return () => {
      this.#held = false;
      this.#write();
    };
  }

  /** What was handed over and is not kept yet, in order. */
  get waiting(): readonly JournalRecord[] {
    return this.#waiting.map(({ record }) => record);
  }

  /** Keeps the oldest of the records that wait, although the others are held. */
  keep(count: number): void {
    this.#keep(this.#fault ? 0 : count);
  }

  /** Lets the disk refuse every record until it is called without an argument. */
  failWith(fault?: StoreError): void {
    this.#fault = fault;
    this.#write();
  }

  appendGrant(record: JournalRecord): Recording {
    let kept = () => {};
    let refused: Waiting['refused'] = () => {};
    const atLast = new Promise<void>((resolve) => {
      kept = resolve;
    });
    const inTime = new Promise<void>((resolve, reject) => {
      refused = reject;
      void atLast.then(resolve);
    });
    inTime.catch(() => {});
    this.#take({ record, kept, refused });
    return { inTime, atLast };
  }

  append(record: JournalRecord): void {
    this.#take({ record, kept: () => {}, refused: () => {} });
  }

  /** Resolves: a record of a fake journal that waits is as safe as one that is kept. */
  async secure(_: readonly NamedRecord[]): Promise<void> {}

  /** What was kept of some kinds, as little of it as a test wants to see. */
  of(...kinds: JournalRecord['kind'][]): JournalRecord[] {
    return this.records.filter(({ kind }) => kinds.includes(kind));
  }

  #take(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#write();
  }

  #write(): void {
    if (this.#fault) for (const { refused } of this.#waiting) refused(this.#fault);
    if (!this.#fault && !this.#held) this.#keep(this.#waiting.length);
  }

  #keep(count: number): void {
    for (const { record, kept } of this.#waiting.splice(0, count)) {
      this.records.push(structuredClone(record));
      kept();
    }
  }
}
