import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { roomKey } from '@roomkey/protocol';
import { FakeJournal } from '@roomkey/testkit';
import { journalContract } from '@roomkey/testkit/contracts';
import Database from 'libsql';
import { type JournalRecord, StoreError } from '../../ports/index.ts';
import { DataDirectory } from '../data-directory.ts';

journalContract('in SQLite', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-journal-'));
  const folder = path.join(parent, 'data');
  const open = () => DataDirectory.open({ folder, create: true, waitMs: 0 });
  let data = await open();
  let holder: Database.Database | undefined;
  const accept = async () => {
    holder?.close();
    holder = undefined;
    await data.journal.appendGrant({
      at: 0,
      kind: 'started',
      actor: { type: 'system' } as const,
      cause: 'waited for',
    }).atLast;
  };
  return {
    journal: () => data.journal,
    refuse: async () => {
      holder = new Database(path.join(folder, 'journal.db'));
      holder.exec('begin exclusive');
    },
    accept,
    reopen: async () => {
      await data.close();
      data = await open();
    },
    read: async () => {
      const all: JournalRecord[] = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = await data.journalReader.list({ filter: {}, order: 'oldest', after, limit: 500 });
        for (const { seq, code, room, ...record } of page.records)
          if (record.cause !== 'waited for')
            all.push({ ...record, ...(room ? { room: roomKey(room) } : {}) } as JournalRecord);
        after = page.next;
      }
      return all;
    },
    close: async () => {
      holder?.close();
      await data.close();
      rmSync(parent, { recursive: true });
    },
  };
});

journalContract('in memory, for tests', async () => {
  const journal = new FakeJournal();
  return {
    journal: () => journal,
    refuse: async () => journal.failWith(new StoreError('full', 'The disk is full.')),
    accept: async () => journal.failWith(),
    reopen: async () => {},
    read: async () => journal.records,
    close: async () => {},
  };
});
