import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { beginning, JournalChain } from './chain.ts';
import { JournalFile } from './file.ts';
import { JournalReader } from './reader.ts';
import { JournalRetention } from './retention.ts';

const DAY = 86_400_000;
const chain = new JournalChain(new Uint8Array(32));

/** Six records of six days, and an anchor of the second one. */
async function sixDays() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-reader-'));
  const file = await JournalFile.open(path.join(folder, 'journal.db'));
  onTestFinished(async () => {
    await file.close();
    rmSync(folder, { recursive: true });
  });
  const codes = [beginning];
  for (let seq = 1; seq <= 6; seq++) {
    const who = { sdkAppId: 7, room: 'n:1', userId: 'ana' };
    const row = { ...who, seq, at: seq * DAY, kind: 'left', body: '{}', id: null };
    const code = chain.record(codes.at(-1) ?? beginning, row);
    codes.push(code);
    await file.append([{ ...row, code }]);
  }
  const mark = { at: 3 * DAY, count: 2, head: codes[2] ?? beginning };
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const anchor = JSON.stringify({ ...mark, head: hex(mark.head), code: hex(chain.anchor(mark)) });
  return { file, anchor, reader: new JournalReader(file, chain, async () => {}) };
}

/** Lets retention delete all but the last three days between two looks of the reader into the file. */
function pruneMeanwhile(file: JournalFile): void {
  const { ends } = file;
  vi.spyOn(file, 'ends').mockImplementationOnce(async () => {
    const retention = new JournalRetention(file, chain, 2.5, async () => true);
    await retention.prune({ now: 6 * DAY, last: 6, stop: () => false });
    return ends.call(file);
  });
}

test('records that are deleted in due course while they are verified do not count as missing', async () => {
  const { file, reader } = await sixDays();
  pruneMeanwhile(file);
  expect(await reader.verify()).toEqual({ checked: 3, pruned: 3, upTo: 6 });
});

test('nor does an anchor of one of them count as rewritten', async () => {
  const { file, anchor, reader } = await sixDays();
  pruneMeanwhile(file);
  expect(await reader.verifyAnchors([anchor])).toEqual({ checked: 0, older: 1, upTo: 0 });
});
