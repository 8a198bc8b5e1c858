import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DataDirectory } from '../data-directory.ts';
import { silent } from './events.ts';

test('a journal that is stopped while it writes, sixty times, keeps every record once and finds nothing wrong', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-stop-'));
  const faults: string[] = [];
  const hear = ({ message }: Error) => void faults.push(message);
  const events = { ...silent, failing: hear, trouble: hear };
  let handed = 0;
  for (let stop = 0; stop < 60; stop++) {
    const folder = path.join(parent, 'data');
    const { journal, journalReader, ...data } = await open(folder, events);
    const { upTo, finding } = await journalReader.verify(Math.max(0, handed - 10));
    expect([upTo, finding]).toEqual([handed, undefined]);
    for (let burst = 0; burst < stop % 6; burst++) {
      for (let n = 0; n < 40 * (stop % 4); n++, handed++)
        journal.append({ at: handed, kind: 'taken', actor: { type: 'system' } as const, cause: 'test' });
      await sleep(stop % 9);
    }
    const closed = data.close();
    journal.append({ at: ++handed, kind: 'stopped', actor: { type: 'system' } as const, cause: 'test' });
    await closed;
  }
  expect(faults).toEqual([]);
  rmSync(parent, { recursive: true });
});

async function open(folder: string, events: typeof silent) {
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0, journal: { events } });
  return { journal: data.journal, journalReader: data.journalReader, close: () => data.close() };
}
