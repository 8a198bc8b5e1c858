import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FakeUsageStore } from '@roomkey/testkit';
import { usageStoreContract } from '@roomkey/testkit/contracts';
import { DataDirectory } from './data-directory.ts';

usageStoreContract('in SQLite', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-usage-'));
  const open = () => DataDirectory.open({ folder: path.join(parent, 'data'), create: true, waitMs: 0 });
  let data = await open();
  return {
    store: () => data.usage,
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

usageStoreContract('in memory, for tests', async () => {
  const store = new FakeUsageStore();
  return { store: () => store, reopen: async () => {}, close: async () => {} };
});
