import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AdminClient } from '@roomkey/server/admin';
import type { Progress } from '../terminal/progress.ts';
import type { AnchorsSeen, JournalSeen } from './text.ts';

/** Anchors in one request. */
const ANCHORS = 100;
/** Longest line of an anchor that is sent; none is as long. */
const MAX_LINE = 512;

type Finding = JournalSeen['finding'];

/**
 * Holds a whole journal against its chain, then against files of anchors, up to the first thing that is wrong; and what the database
 * holds against the journal. The server's own anchors are the first file.
 */
export async function verifyJournal(
  admin: AdminClient,
  [own, ...others]: readonly [string, ...string[]],
  progress: Progress,
): Promise<JournalSeen> {
  let checked = 0;
  let step = await admin.call('journal.verify', {});
  for (;;) {
    checked += step.checked;
    progress.at(checked);
    if (step.finding || step.next === undefined) break;
    step = await admin.call('journal.verify', { after: step.next });
  }
  const { pruned, upTo: last } = step;
  const anchors: AnchorsSeen[] = [];
  let finding: Finding = step.finding;
  for (const file of [own, ...others]) {
    if (finding) break;
    if (file === own && !existsSync(own)) continue;
    const seen = await verifyAnchors(admin, file);
    anchors.push(seen.anchors);
    finding = seen.finding;
  }
  const isAnchored = anchors.some(({ file, checked: fit, older }) => file === own && fit + older > 0);
  if (!finding && last > 0 && !isAnchored) finding = { problem: 'unanchored', seq: last, file: own };
  const { differing, differences, forged } = await admin.call('journal.verifyState', {});
  return { checked, pruned, last, anchors, finding, differing, differences, forged };
}

async function verifyAnchors(
  admin: AdminClient,
  file: string,
): Promise<{ anchors: AnchorsSeen; finding?: Finding }> {
  let [checked, older, upTo, before] = [0, 0, 0, 0];
  let batch: string[] = [];
  const look = async (): Promise<Finding> => {
    const seen = await admin.call('journal.verifyAnchors', { anchors: batch });
    checked += seen.checked;
    older += seen.older;
    upTo = Math.max(upTo, seen.upTo);
    const { finding } = seen;
    const found = finding && { ...finding, file, line: before + finding.line };
    before += batch.length;
    batch = [];
    return found;
  };
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    batch.push(line.slice(0, MAX_LINE));
    const finding = batch.length === ANCHORS ? await look() : undefined;
    if (finding) return { anchors: { file, checked, older, upTo }, finding };
  }
  const finding = await look();
  return { anchors: { file, checked, older, upTo }, finding };
}
