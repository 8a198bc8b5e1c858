import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FakeApplicationStore, FakeJournal } from '@roomkey/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApplicationDirectory, DEMO_SDK_APP_ID } from '../applications/index.ts';
import { StoreError } from '../ports/index.ts';
import { firstRun } from './first-run.ts';

let folder: string;
let store: FakeApplicationStore;
let directory: ApplicationDirectory;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-first-'));
  store = new FakeApplicationStore();
  directory = await ApplicationDirectory.open(store, { now: () => 0 }, new FakeJournal());
});

afterEach(() => rmSync(folder, { recursive: true }));

const written = (): string => readFileSync(path.join(folder, 'first-run.txt'), 'utf8');

test('the first run makes one application that enforces and writes its secret for the owner alone', async () => {
  const file = await firstRun(directory, { folder, demo: false });
  expect(file).toBe(path.join(folder, 'first-run.txt'));
  expect((statSync(file ?? '').mode & 0o777).toString(8)).toBe('600');
  expect(directory.list({ limit: 10 }).applications).toMatchObject([
    { sdkAppId: 1_400_000_001, settings: { name: 'default', permissionControl: 'enforce' } },
  ]);
  expect(written()).toContain('1400000001');
  expect(written()).toContain(directory.find(1_400_000_001)?.keys[0]?.secret);
});

test('with the demo on there is an application for it alone, whose secret is written nowhere', async () => {
  await firstRun(directory, { folder, demo: true });
  const secret = directory.find(DEMO_SDK_APP_ID)?.keys[0]?.secret;
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(secret).not.toBe(directory.find(1_400_000_001)?.keys[0]?.secret);
  expect(written()).not.toContain(secret);
});

test('the demo that is switched on later gets its application then', async () => {
  await firstRun(directory, { folder, demo: false });
  rmSync(path.join(folder, 'first-run.txt'));
  expect(await firstRun(directory, { folder, demo: true })).toBeUndefined();
  expect(directory.find(DEMO_SDK_APP_ID)?.name).toBe('demo');
  expect(() => written()).toThrow('ENOENT');
});

test('a later run writes nothing and changes nothing, and names the file as long as it is there', async () => {
  await firstRun(directory, { folder, demo: true });
  const before = [written(), directory.find(1_400_000_001), directory.find(DEMO_SDK_APP_ID)];
  expect(await firstRun(directory, { folder, demo: true })).toBe(path.join(folder, 'first-run.txt'));
  expect([written(), directory.find(1_400_000_001), directory.find(DEMO_SDK_APP_ID)]).toEqual(before);
});

test('a first run that was interrupted is done again', async () => {
  store.failWith(new StoreError('full', 'The disk is full.'));
  await expect(firstRun(directory, { folder, demo: true })).rejects.toMatchObject({ code: 'internal' });
  const lost = written();
  store.failWith();
  expect(await firstRun(directory, { folder, demo: true })).toBeDefined();
  expect(written()).not.toBe(lost);
  expect(written()).toContain(directory.find(1_400_000_001)?.keys[0]?.secret);
});
