import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { storedApplication } from '@roomkey/testkit';
import { systemActor } from '@roomkey/tickets/permissions';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataDirectory } from './data-directory.ts';
import { silent } from './journal/events.ts';
import { type RotationStep, rotateMasterKey } from './key-rotation.ts';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const DAY = 86_400_000;
const SECRET = 'a secret that must not be lost 0123456789';
const [ONE, TWO] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

let parent: string;
let folder: string;
const troubles: string[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-rotation-'));
  folder = path.join(parent, 'data');
  troubles.length = 0;
});
afterEach(() => rmSync(parent, { recursive: true }));

const events = { ...silent, trouble: ({ message }: Error) => void troubles.push(message) };

async function within<T>(
  job: (data: DataDirectory) => Promise<T>,
  masterKey?: Uint8Array,
  journal: { now?: () => number; elapsed?: () => number; days?: number } = {},
): Promise<T> {
  const options = { folder, masterKey, create: true, waitMs: 2000, journal: { events, ...journal } };
  const data = await DataDirectory.open(options);
  try {
    return await job(data);
  } finally {
    await data.close();
  }
}

const write = (count: number) => async (data: DataDirectory) => {
  for (let n = 0; n < count; n++)
    data.journal.append({ at: Date.now(), kind: 'taken', actor: systemActor, cause: 'test' });
};

async function used(masterKey?: Uint8Array): Promise<void> {
  await within(async (data) => {
    const key = { keyId: 'k1', secret: SECRET, state: 'active', createdAt: 1 } as const;
    await data.applications.add(storedApplication({ sdkAppId: 7, keys: [key] }), []);
    await write(700)(data);
  }, masterKey);
}

/** Everything in the folder opens and is as it was written. Returns the kinds of the newest records. */
const good = (masterKey?: Uint8Array) =>
  within(async (data) => {
    expect((await data.applications.load())[0]?.keys[0]?.secret).toBe(SECRET);
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { finding, next } = await data.journalReader.verify(after === 0 ? undefined : after);
      expect(finding).toBeUndefined();
      after = next;
    }
    const lines = readFileSync(path.join(folder, 'journal.anchors'), 'utf8').split('\n').filter(Boolean);
    expect((await data.journalReader.verifyAnchors(lines)).finding).toBeUndefined();
    expect([troubles, data.journal.warnings]).toEqual([[], []]);
    const { records } = await data.journalReader.list({ filter: {}, order: 'newest', limit: 3 });
    return records.map(({ kind }) => kind);
  }, masterKey);

describe('a rotation', () => {
  test('leaves everything as it was, again and again, and the journal goes on', async () => {
    await used();
    for (let round = 0; round < 3; round++) {
      await rotateMasterKey({ folder });
      expect((await good())[0]).toBe('keyRotated');
      await within(write(3));
    }
    expect(await good()).toEqual(['taken', 'taken', 'taken']);
  });

  test('also when old records were deleted before and are deleted after it', async () => {
    await used();
    let passed = 0;
    const later = {
      days: 10,
      now: () => Date.now() + passed,
      elapsed: () => performance.now() + passed,
    };
    /** A life of twenty days, and the next one deletes what is old. */
    const longLife = async () => {
      await within(
        async (data) => {
          await write(5)(data);
          passed += 20 * DAY;
        },
        undefined,
        later,
      );
      await within(write(0), undefined, later);
    };
    await longLife();
    await rotateMasterKey({ folder });
    await good();
    await longLife();
    expect(await good()).toEqual(['pruned']);
  });

  test('keeps what is in the outbox: what has to get into the journal, and what somebody has forged', async () => {
    await used(ONE);
    await within(async (data) => {
      const store = data.restrictions;
      const ban = { sdkAppId: 7, room: undefined, userId: 'eve', until: Date.now() + DAY, version: 1 };
      const by = { actor: systemActor, cause: 'test', since: 1 };
      const record = { at: 1, kind: 'banned', sdkAppId: 7, userId: 'eve', ...by, id: 'one' } as const;
      // As if the process had been killed before the journal was told.
      await store.saveBan({ before: undefined, after: { ...ban, ...by } }, [record]);
      await data.sealUnder(TWO);
    }, ONE);
    const database = new Database(path.join(folder, 'roomkey.db'));
    database.exec(`insert into journal_outbox values ('two', '{}', '${'00'.repeat(32)}')`);
    database.close();
    await rotateMasterKey({ folder, masterKey: TWO, newMasterKey: ONE });
    troubles.length = 0;
    await within(async (data) => {
      expect(data.journal.warnings).toEqual(['outboxForged']);
      const { records } = await data.journalReader.list({
        filter: { kinds: ['banned'] },
        order: 'newest',
        limit: 3,
      });
      expect(records).toMatchObject([{ userId: 'eve', id: 'one' }]);
    }, ONE);
  });

  test('pins the records before it: whoever has the old key cannot change them any more', async () => {
    await used(ONE);
    await rotateMasterKey({ folder, masterKey: ONE, newMasterKey: TWO });
    const database = new Database(path.join(folder, 'journal.db'));
    const [head] = database.prepare('select max(seq) as seq from records').all() as { seq: number }[];
    // As if the last record of the old key had been made anew with that key.
    database.exec(`update records set code = zeroblob(32) where seq = ${Number(head?.seq) - 1}`);
    database.close();
    await within(async (data) => {
      const { finding } = await data.journalReader.verify(Number(head?.seq) - 2);
      expect(finding).toMatchObject({ problem: 'changed' });
    }, TWO);
  });
});

describe.each([
  ['with a key in the file', false],
  ['with a key in the environment', true],
] as const)('a rotation that is killed, %s,', (_, isGiven) => {
  const steps: (RotationStep | 'sealing')[] = [
    'opened',
    'made',
    'sealing',
    'sealed',
    'closed',
    'kept',
    'cleared',
    'finished',
  ];

  test.each(steps)('when it is %s, can be run again', async (step) => {
    await used(isGiven ? ONE : undefined);
    const program = `
      import { JournalChain } from './src/store/journal/chain.ts';
      import { rotateMasterKey } from './src/store/key-rotation.ts';
      import { SecretBox } from './src/store/secret-box.ts';
      const die = () => process.kill(process.pid, 'SIGKILL');
      const { seal } = SecretBox.prototype;
      SecretBox.prototype.seal = function (purpose, text) {
        if (${JSON.stringify(step)} === 'sealing' && purpose === 'master key') die();
        return seal.call(this, purpose, text);
      };
      await rotateMasterKey({
        folder: ${JSON.stringify(folder)},
        ${isGiven ? 'masterKey: new Uint8Array(32).fill(1), newMasterKey: new Uint8Array(32).fill(2),' : ''}
        reached: (step) => step === ${JSON.stringify(step)} && die(),
      });`;
    const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program];
    const child = spawn(process.execPath, args, { cwd: packageFolder, stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await rotateMasterKey({ folder, ...(isGiven ? { masterKey: ONE, newMasterKey: TWO } : {}) });
    await within(write(1), isGiven ? TWO : undefined);
    expect((await good(isGiven ? TWO : undefined))[1]).toBe('keyRotated');
    expect(existsSync(path.join(folder, 'master.key.next'))).toBe(false);
  });

  test('in the middle opens as it is, without being run again', async () => {
    await used(isGiven ? ONE : undefined);
    let reached = 0;
    const failing = rotateMasterKey({
      folder,
      ...(isGiven ? { masterKey: ONE, newMasterKey: TWO } : {}),
      reached: (step) => {
        if (step === 'closed' && ++reached) throw new Error('ended here');
      },
    });
    await expect(failing).rejects.toThrow('ended here');
    expect(reached).toBe(1);
    expect((await good(isGiven ? TWO : undefined))[0]).toBe('keyRotated');
  });
});
