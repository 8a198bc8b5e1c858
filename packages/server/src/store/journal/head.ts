import { type AnchorMark, beginning, type JournalChain, type JournalMark, sameCode } from './chain.ts';
import type { JournalFile } from './file.ts';

/** The file of a journal, as far as it is needed before the journal goes on. */
type KeptRecords = Pick<JournalFile, 'ends' | 'window' | 'checkpoint' | 'prune'>;

/** Milliseconds by which records may be newer than the last anchor. */
const UNANCHORED_MS = 120_000;

/** Puts the newest key under what stands for deleted records, if the key before it is there. */
export async function renewCheckpoint(file: KeptRecords, chain: JournalChain): Promise<void> {
  const checkpoint = await file.checkpoint();
  if (!checkpoint || !sameCode(checkpoint.code, chain.formerCheckpoint(checkpoint))) return;
  await file.prune({ ...checkpoint, code: chain.checkpoint(checkpoint) });
}

/** Where the chain ends, and when it came so far. */
export async function headOf(
  file: KeptRecords,
): Promise<Pick<JournalMark, 'count' | 'head'> & { readonly at?: number }> {
  const last = (await file.ends())?.last;
  const [row] = last === undefined ? [] : await file.window(last - 1, last);
  if (row) return { at: row.at, count: row.seq, head: row.code };
  return (await file.checkpoint()) ?? { count: 0, head: beginning };
}

/**
 * A time that has passed, whatever the wall clock says now. Where it was not believed when the anchor was set, that is what was
 * believed then. Records behind the anchor count only a little: they were written by the same clock.
 */
export function knownFrom(
  anchor: AnchorMark | undefined,
  newestRecord: number | undefined,
): number | undefined {
  if (!anchor || newestRecord === undefined) return newestRecord;
  const { at, believed } = anchor;
  return believed ?? Math.max(at, Math.min(newestRecord, at + UNANCHORED_MS));
}

/** Whether the record that each of some anchors names is there, or was deleted in due course. */
export async function reachesAll(file: KeptRecords, anchors: readonly AnchorMark[]): Promise<boolean> {
  const checkpoint = await file.checkpoint();
  for (const { count, head } of anchors) {
    if (checkpoint && count < checkpoint.count) continue;
    const [row] = count === checkpoint?.count ? [] : await file.window(count - 1, count);
    if (!sameCode(row?.code ?? checkpoint?.head ?? beginning, head)) return false;
  }
  return true;
}
