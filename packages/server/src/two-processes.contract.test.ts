import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FakeJournal, following, storedApplication } from '@roomkey/testkit';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApplicationDirectory } from './applications/index.ts';
import type { Denial } from './ports/index.ts';
import { at, changeEverything, connect, decision, type Made, now, olga } from './two-processes.fixture.ts';

const packageFolder = fileURLToPath(new URL('../', import.meta.url));

let folder: string;
let file: string;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-two-'));
  file = path.join(folder, 'roomkey.db');
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  rmSync(folder, { recursive: true });
});

async function connected() {
  const stores = await connect(file);
  endings.push(stores.close);
  return stores;
}

const conflict = { name: 'StoreError', fault: 'conflict' };

test('of two stores that decided on the same version the second one is refused, and the change of the first is kept', async () => {
  const one = await connected();
  const two = await connected();
  const before = storedApplication({ sdkAppId: 7 });
  await one.applications.add(before, []);
  await expect(two.applications.add(before, [])).rejects.toMatchObject(conflict);
  await two.applications.saveKeyState(before, 'k1', 'compromised', []);
  await expect(one.applications.saveKeyState(before, 'k1', 'active', [])).rejects.toMatchObject(conflict);
  await expect(one.applications.saveSettings(before, before, [])).rejects.toMatchObject(conflict);
  const denial: Denial = { ...at, ...decision, mask: 4, version: 1, expiresAt: 2000 };
  await one.restrictions.saveDenials([following(denial)], []);
  await expect(two.restrictions.saveDenials([following({ ...denial, mask: 1 })], [])).rejects.toMatchObject(
    conflict,
  );
  const ban = { ...at, ...decision, until: 2000, version: 1 };
  await two.restrictions.saveBan(following(ban), []);
  await expect(one.restrictions.saveBan(following({ ...ban, until: 1500 }), [])).rejects.toMatchObject(
    conflict,
  );
  const revocation = { sdkAppId: 7, target: 'a', at: 90, ...decision, version: 1 };
  await one.restrictions.saveRevocation(revocation, []);
  await expect(two.restrictions.saveRevocation({ ...revocation, at: 5 }, [])).rejects.toMatchObject(conflict);
  expect(await one.restrictions.load()).toEqual({
    denials: [denial],
    bans: [ban],
    revocations: [revocation],
    floors: [],
  });
  expect(await two.restrictions.load()).toEqual(await one.restrictions.load());
  expect((await one.applications.read(7))?.keys).toMatchObject([{ state: 'compromised' }]);
});

test('two directories with stores of their own over one file lose no change', async () => {
  const clock = { now: () => now };
  const stores = [await connected(), await connected()];
  await stores[0]?.applications.add(storedApplication({ sdkAppId: 7 }), []);
  const directories: ApplicationDirectory[] = [];
  for (const { applications } of stores)
    directories.push(await ApplicationDirectory.open(applications, clock, new FakeJournal()));
  for (let round = 1; round <= 4; round++)
    for (const [index, directory] of directories.entries()) {
      await directory.setRoomControl(olga, 7, { roomId: 10 * round + index }, 'off');
      await directory.addKey(olga, 7);
    }
  const [kept] = await (await connected()).applications.load();
  expect(kept?.version).toBe(1 + 16);
  expect(kept?.roomControls.size).toBe(8);
  expect(kept?.keys.map(({ keyId }) => keyId)).toEqual(Array.from({ length: 9 }, (_, n) => `k${n + 1}`));
});

test('a change that is refused because another process holds the file leaves those behind it on disk', async () => {
  const one = await connected();
  await one.applications.add(storedApplication({ sdkAppId: 7 }), []);
  const ban = { ...at, ...decision, until: 2000, version: 1 };
  const other = new Database(file);
  other.exec('begin immediate');
  await expect(one.restrictions.saveBan(following(ban), [])).rejects.toMatchObject({ fault: 'locked' });
  other.exec('rollback');
  await one.restrictions.saveBan(following(ban), []);
  expect(other.prepare('select user_id from bans').all()).toEqual([{ user_id: 'ana' }]);
  other.close();
});

/** Waits for a line before it begins. */
const program = (file: string) => `
  import { once } from 'node:events';
    import { changeEverything } from './src/two-processes.fixture.ts';
  const ready = async () => {
    console.log('ready');
    await once(process.stdin, 'data');
  };
  const made = await changeEverything(${JSON.stringify(file)}, 'there', ready);
  console.log(JSON.stringify(made));
  process.exit();
`;

test('two processes that change the same things at the same time lose no change that was answered as made', async () => {
  const { applications, restrictions } = await connected();
  await applications.add(storedApplication({ sdkAppId: 7 }), []);
  const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program(file)];
  const child = spawn(process.execPath, args, { cwd: packageFolder, stdio: ['pipe', 'pipe', 'inherit'] });
  endings.push(async () => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const here = await changeEverything(file, 'here', async () => {
    expect((await lines.next()).value).toBe('ready');
    child.stdin.write('begin\n');
  });
  const there: Made = JSON.parse((await lines.next()).value ?? '');
  // A process is refused, and told so, when the other one holds the file or was faster each time.
  const faults = [...here.faults, ...there.faults];
  expect(faults.filter((fault) => fault !== 'locked' && fault !== 'conflict')).toEqual([]);
  const application = await applications.read(7);
  const { denials, bans, revocations } = await restrictions.load();
  const [controls, taken] = [here.controls + there.controls, here.denials + there.denials];
  expect([application?.version, application?.roomControls.size]).toEqual([1 + controls, controls]);
  expect(denials).toMatchObject([{ version: taken, mask: taken }]);
  expect(bans).toMatchObject([{ version: here.bans + there.bans }]);
  expect(revocations).toMatchObject([{ version: here.revocations + there.revocations }]);
  expect(Math.min(here.controls, there.controls)).toBeGreaterThan(0);
}, 180_000);
