import { type JournalEntry, type JournalFinding, journalEntry, roomRef } from '@roomkey/protocol';
import { readAnchor } from './anchors.ts';
import { beginning, type JournalChain, sameCode } from './chain.ts';
import type { CodedRow, JournalFile, JournalFilter } from './file.ts';

/** Records that are read at once: the event loop has its turn after each. */
const WINDOW = 500;
/** Records that one call looks through for those that fit. */
const MOST_LOOKED_AT = 50_000;

/** What one step of a verification has seen. */
interface Verified {
  /** Records that are as they were written. */
  readonly checked: number;
  /** The number before the first record; those up to there were deleted in due course. */
  readonly pruned: number;
  /** The number of the last record that was looked at. */
  readonly upTo: number;
  /** Where the next step begins; undefined: this was the last one. */
  readonly next?: number | undefined;
  readonly finding?: JournalFinding | undefined;
}

/** What was seen of anchors. */
interface VerifiedAnchors {
  /** Anchors that say of a record what it is. */
  readonly checked: number;
  /** Anchors of records that were deleted in due course. */
  readonly older: number;
  /** How far the furthest of them reaches. */
  readonly upTo: number;
  readonly finding?: (JournalFinding & { readonly line: number }) | undefined;
}

/** Reads the journal in bounded steps and holds it against its chain. Each call rejects with a `StoreError`. */
export class JournalReader {
  readonly #file: JournalFile;
  readonly #chain: JournalChain;
  readonly #settled: () => Promise<void>;

  /** `settled` resolves when what happened before is in the file. */
  constructor(file: JournalFile, chain: JournalChain, settled: () => Promise<void>) {
    this.#file = file;
    this.#chain = chain;
    this.#settled = settled;
  }

  /** Records that fit, in the order asked for. `next` is the `after` of the next page; a page may be empty and have one. */
  async list(asked: {
    readonly filter: JournalFilter;
    readonly order: 'oldest' | 'newest';
    readonly after?: number | undefined;
    readonly limit: number;
  }): Promise<{ readonly records: JournalEntry[]; readonly next?: number | undefined }> {
    const { filter, order, limit } = asked;
    await this.#settled();
    const ends = await this.#file.ends();
    if (!ends) return { records: [] };
    const isUp = order === 'oldest';
    let at = asked.after ?? (isUp ? ends.first - 1 : ends.last + 1);
    const records: JournalEntry[] = [];
    for (let looked = 0; isUp ? at < ends.last : at > ends.first; looked += WINDOW) {
      if (looked >= MOST_LOOKED_AT) return { records, next: at };
      const window = isUp ? [at, at + WINDOW] : [at - 1 - WINDOW, at - 1];
      const rows = await this.#file.window(window[0] ?? 0, window[1] ?? 0, filter);
      for (const row of isUp ? rows : rows.reverse()) {
        records.push(entryOf(row));
        if (records.length === limit) return { records, next: row.seq };
      }
      at = isUp ? at + WINDOW : at - WINDOW;
    }
    return { records };
  }

  /** Holds the records behind `after` against the chain, or the first ones, up to a bounded number of them. */
  async verify(after?: number): Promise<Verified> {
    await this.#settled();
    return this.#unpruned(() => this.#verify(after));
  }

  async #verify(after?: number): Promise<Verified> {
    const checkpoint = await this.#file.checkpoint();
    const pruned = checkpoint?.count ?? 0;
    const begin = Math.max(after ?? pruned, pruned);
    const seen = { checked: 0, pruned, upTo: begin };
    if (checkpoint && !sameCode(checkpoint.code, this.#chain.checkpoint(checkpoint)))
      return { ...seen, finding: { problem: 'checkpointForged', seq: pruned } };
    const ends = await this.#file.ends();
    if (ends && ends.first <= pruned) return { ...seen, finding: { problem: 'added', seq: ends.first } };
    let before = checkpoint?.head ?? beginning;
    if (begin > pruned) {
      const [last] = await this.#file.window(begin - 1, begin);
      if (!last) return { ...seen, finding: { problem: 'missing', seq: begin } };
      before = last.code;
    }
    let expected = begin + 1;
    for (const row of await this.#file.window(begin, begin + WINDOW)) {
      const last = { ...seen, checked: expected - begin - 1, upTo: expected - 1 };
      if (row.seq > expected) return { ...last, finding: missing(expected, row.seq - 1) };
      if (!sameCode(row.code, this.#chain.record(before, row)))
        return { ...last, finding: { problem: 'changed', seq: expected } };
      before = row.code;
      expected++;
    }
    const checked = expected - begin - 1;
    const upTo = expected - 1;
    const next = await this.#file.next(begin + checked);
    if (next === undefined) return { ...seen, checked, upTo };
    if (next !== expected) return { ...seen, checked, upTo, finding: missing(expected, next - 1) };
    return { ...seen, checked, upTo, next: upTo };
  }

  /** Holds records against anchors, one a line; stops at the first that does not fit. */
  async verifyAnchors(lines: readonly string[]): Promise<VerifiedAnchors> {
    return this.#unpruned(() => this.#verifyAnchors(lines));
  }

  async #verifyAnchors(lines: readonly string[]): Promise<VerifiedAnchors> {
    const checkpoint = await this.#file.checkpoint();
    const last = (await this.#file.ends())?.last ?? checkpoint?.count ?? 0;
    let [checked, older, upTo] = [0, 0, 0];
    for (const [line, text] of lines.entries()) {
      const anchor = readAnchor(text, this.#chain);
      const found = (problem: JournalFinding['problem'], seq = anchor?.count ?? 0, to?: number) => ({
        checked,
        older,
        upTo,
        finding: { problem, seq, upTo: to, line },
      });
      if (!anchor) return found('anchorUnreadable');
      if (!anchor.genuine) return found('anchorForged');
      const { count, head } = anchor;
      if (count > last) return found('cut', last + 1, count);
      if (checkpoint && count < checkpoint.count) {
        older++;
        continue;
      }
      const [row] = count === checkpoint?.count ? [] : await this.#file.window(count - 1, count);
      if (!sameCode(row?.code ?? checkpoint?.head ?? beginning, head)) return found('rewritten');
      checked++;
      upTo = Math.max(upTo, count);
    }
    return { checked, older, upTo };
  }

  /** Looks until no records were deleted in due course meanwhile, which would look as if somebody else had. */
  async #unpruned<T extends { readonly finding?: unknown }>(look: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = (await this.#file.checkpoint())?.count;
      const seen = await look();
      if (!seen.finding || (await this.#file.checkpoint())?.count === before) return seen;
    }
  }
}

const missing = (seq: number, upTo: number): JournalFinding => ({ problem: 'missing', seq, upTo });

/** A record as operators see it. What somebody has changed may be anything: then only its place can be told. */
function entryOf({ seq, at, kind, sdkAppId, room, userId, body, code: bytes, id }: CodedRow): JournalEntry {
  const code = Buffer.from(bytes).toString('hex');
  try {
    const where = {
      ...(sdkAppId === null ? {} : { sdkAppId }),
      ...(room === null ? {} : { room: roomRef(room) }),
      ...(userId === null ? {} : { userId }),
    };
    const named = id === null ? {} : { id };
    return journalEntry.parse({ seq, at, kind, ...where, ...JSON.parse(body), code, ...named });
  } catch {
    return { seq, at: 0, kind: 'unreadable', actor: { type: 'unknown' } as const, cause: 'unreadable', code };
  }
}
