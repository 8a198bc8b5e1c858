import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FakeRestrictionStore, storedApplication } from '@roomkey/testkit';
import { restrictionStoreContract } from '@roomkey/testkit/contracts';
import { DataDirectory } from './data-directory.ts';
import { outboxOf } from './journal/outbox.fixture.ts';

restrictionStoreContract('in SQLite', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-store-'));
  const open = () => DataDirectory.open({ folder: path.join(parent, 'data'), create: true, waitMs: 0 });
  let data = await open();
  for (const sdkAppId of [7, 8]) await data.applications.add(storedApplication({ sdkAppId }), []);
  return {
    records: async () => outboxOf(path.join(parent, 'data')),
    store: () => data.restrictions,
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

restrictionStoreContract('in memory, for tests', async () => {
  const store = new FakeRestrictionStore([7, 8]);
  return {
    store: () => store,
    records: async () => store.records,
    reopen: async () => {},
    close: async () => {},
  };
});
