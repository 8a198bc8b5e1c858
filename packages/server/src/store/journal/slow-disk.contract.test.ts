import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { DataDirectory } from '../data-directory.ts';
import { silent } from './events.ts';

test('a process that stands still while a record is written does not take the disk for slow', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-slow-'));
  const faults: string[] = [];
  const failing = ({ message }: Error) => void faults.push(message);
  const events = { ...silent, failing };
  const folder = path.join(parent, 'data');
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0, journal: { events } });
  const record = { at: 1, kind: 'started', actor: systemActor, cause: 'standstill' } as const;
  const { inTime } = data.journal.appendGrant(record);
  await nextTurn();
  expect(data.journal.figures.waiting, 'the record is being written').toBe(1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000);
  await inTime;
  expect([faults, data.journal.available]).toEqual([[], true]);
  await data.close();
  rmSync(parent, { recursive: true });
});
