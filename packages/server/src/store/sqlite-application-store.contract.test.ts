import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FakeApplicationStore } from '@roomkey/testkit';
import { applicationStoreContract } from '@roomkey/testkit/contracts';
import { DataDirectory } from './data-directory.ts';
import { outboxOf } from './journal/outbox.fixture.ts';

applicationStoreContract('in SQLite', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-store-'));
  const open = () => DataDirectory.open({ folder: path.join(parent, 'data'), create: true, waitMs: 0 });
  let data = await open();
  return {
    records: async () => outboxOf(path.join(parent, 'data')),
    store: () => data.applications,
    reopen: async () => {
      await data.close();
      data = await open();
    },
    close: async () => {
      await data.close();
      rmSync(parent, { recursive: true });
    },
  };
});

applicationStoreContract('in memory, for tests', async () => {
  const store = new FakeApplicationStore();
  return {
    store: () => store,
    records: async () => store.records,
    reopen: async () => {},
    close: async () => {},
  };
});
