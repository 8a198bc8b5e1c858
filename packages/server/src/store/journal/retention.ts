import type { JournalChain } from './chain.ts';
import type { JournalFile } from './file.ts';

/** Records that are deleted in one commit. */
const BATCH = 5000;
const DAY_MS = 86_400_000;

/** Deletes the records that are older than a number of days, the oldest first. A checkpoint stands for them. */
export class JournalRetention {
  readonly #file: Pick<JournalFile, 'checkpoint' | 'young' | 'window' | 'prune'>;
  readonly #chain: JournalChain;
  readonly #days: number;
  readonly #restate: (upTo: number) => Promise<boolean>;

  /** `restate` puts on record again what records up to a number say and still holds; it returns whether it is on disk. */
  constructor(
    file: Pick<JournalFile, 'checkpoint' | 'young' | 'window' | 'prune'>,
    chain: JournalChain,
    days: number,
    restate: (upTo: number) => Promise<boolean>,
  ) {
    this.#file = file;
    this.#chain = chain;
    this.#days = days;
    this.#restate = restate;
  }

  /**
   * Deletes old records up to the record `last`, in commits of a bounded size, until none is left or `stop` says so.
   * Returns how many were deleted and the number of the last one; undefined when none was.
   */
  async prune(at: {
    /** Unix milliseconds. */
    readonly now: number;
    readonly last: number;
    readonly stop: () => boolean;
  }): Promise<{ readonly records: number; readonly upTo: number } | undefined> {
    if (!Number.isFinite(this.#days)) return undefined;
    let records = 0;
    let count = (await this.#file.checkpoint())?.count ?? 0;
    do {
      const end = Math.min(count + BATCH, at.last);
      const young = await this.#file.young(count, end, at.now - this.#days * DAY_MS);
      const upTo = young === undefined ? end : young - 1;
      const [last] = upTo > count ? await this.#file.window(upTo - 1, upTo) : [];
      if (!last || !(await this.#restate(upTo))) break;
      const mark = { at: at.now, count: upTo, head: last.code };
      await this.#file.prune({ ...mark, code: this.#chain.checkpoint(mark) });
      records += upTo - count;
      count = upTo;
    } while (!at.stop());
    return records === 0 ? undefined : { records, upTo: count };
  }
}
