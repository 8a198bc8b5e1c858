import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AdminInput, AdminMethod, JournalEntry } from '@roomkey/protocol';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AdminClient } from './admin/index.ts';
import { randomNumbers } from './kill-random.fixture.ts';
import { DoomedServer } from './kill-server.fixture.ts';
import { recordsOf, stateOfJournal, stateOfStores } from './kill-state.fixture.ts';
import { changeAndDie, changes, type Step, steps } from './kill-steps.fixture.ts';
import { DataDirectory } from './store/index.ts';

/** How often a process is killed in all; half of them between two steps, half of them servers at any moment. */
const RUNS = Number(process.env['KILLS'] ?? 8);
const SEED = Number(process.env['KILLS_SEED'] ?? Date.now() % 100_000);
const FEW_SECONDS = 60_000 + RUNS * 10_000;
const packageFolder = fileURLToPath(new URL('../', import.meta.url));
const random = randomNumbers(SEED);

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-kill-'));
  folder = path.join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

/** Opens what a killed process has left, holds the journal against the database, and returns the records. */
async function examined(about: string): Promise<JournalEntry[]> {
  const data = await DataDirectory.open({ folder, create: true, waitMs: 5000 });
  const records = await recordsOf(data);
  const now = Date.now() + 5000;
  const kept = stateOfStores(await data.applications.load(), await data.restrictions.load(), now);
  expect(stateOfJournal(records, now), about).toEqual(kept);
  const ids = records.flatMap(({ id }) => id ?? []);
  expect(new Set(ids).size, about).toBe(ids.length);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
  expect((await data.journalReader.verify(Math.max(0, records.length - 400))).finding, about).toBeUndefined();
  await data.close();
  return records;
}

test(
  'a process that is killed between any two steps of a change leaves a database and a journal that agree',
  async () => {
    const all = steps.flatMap((step) => Array.from({ length: changes }, (_, n) => ({ step, nth: n + 1 })));
    const runs = Math.ceil(RUNS / 2);
    const first = random(steps.length);
    for (let round = 0; round < runs; round++) {
      const whole = runs >= all.length;
      const { step, nth } = whole
        ? (all[round % all.length] as (typeof all)[number])
        : { step: steps[(first + round) % steps.length] as Step, nth: 1 + random(changes) };
      const program = `
      import { ${changeAndDie.name} } from './src/kill-steps.fixture.ts';
      await ${changeAndDie.name}(${JSON.stringify(folder)}, ${JSON.stringify(step)}, ${nth}, ${round + 1});`;
      const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program];
      const child = spawn(process.execPath, args, {
        cwd: packageFolder,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      let answered = 0;
      for await (const _ of createInterface({ input: child.stdout })) answered++;
      await exited;
      const about = `seed ${SEED}, round ${round}: ${step}, ${nth}. time, ${answered} answered`;
      await examined(about);
    }
  },
  FEW_SECONDS,
);

/** What an operator asks for, and the one record of it. */
interface Action<M extends AdminMethod = AdminMethod> {
  readonly method: M;
  readonly params: AdminInput<M>;
  readonly gives: boolean;
  /** Whether a record tells of it. */
  readonly is: (record: JournalEntry) => boolean;
}

const sdkAppId = 1_400_000_001;
const room = { roomId: 1 };

/** An action of some kind that is like no other one. */
function actionOf(name: string): Action {
  const cause = name;
  const caused = (kind: string) => (record: JournalEntry) => record.kind === kind && record.cause === cause;
  const told = (field: string, value: unknown) => (record: JournalEntry) =>
    record.kind === 'application' && record.details?.[field] === value;
  const users = { only: [`member${random(8)}`, `user${random(4)}`] };
  const user = `user${random(4)}`;
  const action = <M extends AdminMethod>(
    method: M,
    params: AdminInput<M>,
    is: Action['is'],
    gives = false,
  ): Action => ({ method, params, is, gives }) as Action;
  const kinds: (() => Action)[] = [
    () =>
      action(
        'member.setDenied',
        { sdkAppId, room, users, mask: 12, value: 4 * random(4), cause },
        caused('denied'),
      ),
    () => action('member.ban', { sdkAppId, room, userId: user, cause }, caused('banned')),
    () => action('member.ban', { sdkAppId, userId: user, seconds: 1, cause }, caused('banned')),
    () => action('member.unban', { sdkAppId, room, userId: user, cause }, caused('unbanned'), true),
    () => action('tickets.revoke', { sdkAppId, tickets: { userId: user }, cause }, caused('revoked')),
    () => action('member.kick', { sdkAppId, room, userIds: ['stays'], cause }, caused('kicked')),
    () => action('room.dismiss', { sdkAppId, room, cause }, caused('dismissed')),
    () =>
      action('app.set', { sdkAppId, settings: { name, maxRooms: 5000 + random(99) } }, told('name', name)),
    () => action('app.create', { settings: { name } }, told('name', name), true),
    () =>
      action(
        'app.setRoomControl',
        { sdkAppId, room: { strRoomId: name }, permissionControl: 'off' },
        (record) => record.cause === 'setRoomControl' && JSON.stringify(record.room).includes(`"${name}"`),
        true,
      ),
  ];
  return (kinds[random(kinds.length)] as () => Action)();
}

/** Asks for one action after another until the connection is gone; adds those that were answered. */
async function act(admin: AdminClient, name: string, answered: Action[], afterEachOne: () => void) {
  for (let n = 0; ; n++) {
    const action = actionOf(`${name}-${n}`);
    try {
      await admin.call(action.method, action.params);
      answered.push(action);
    } catch (error) {
      // Nobody to kick, no ban to lift: nothing was done.
      if ((error as { name?: string }).name !== 'ServiceError') return;
    }
    afterEachOne();
  }
}

/** The records that are in the file itself, although nobody has opened it since. */
function inFile(): JournalEntry[] {
  const database = new Database(path.join(folder, 'journal.db'));
  const rows = database.prepare('select kind, room, user_id, body from records').all() as {
    kind: string;
    room: string | null;
    body: string;
  }[];
  database.close();
  return rows.map(({ kind, room: key, body }) => ({
    kind,
    room: key === null ? undefined : { strRoomId: key.slice(2) },
    ...JSON.parse(body),
  }));
}

test(
  'a server that is killed at any moment, idle or under load, has on record what it answered and what it keeps',
  async () => {
    const runs = Math.ceil(RUNS / 2);
    let done = 0;
    for (let round = 0; round < runs; round++) {
      const isLoaded = round % 2 === 1;
      const server = await DoomedServer.start(folder);
      const answered: Action[] = [];
      await server.enter('stays');
      if (isLoaded) server.load(6);
      let left = 1 + random(isLoaded ? 60 : 12);
      let killed: Promise<void> | undefined;
      const count = () => {
        if (--left === 0) killed ??= server.kill();
      };
      const admins = isLoaded ? 8 : 1;
      const acting = Array.from({ length: admins }, async (_, n) =>
        act(await server.admin(), `k${round}-${n}`, answered, count),
      );
      // At an answer, or at any other moment.
      if (random(2) === 0) await sleep(random(isLoaded ? 400 : 60)).then(() => (killed ??= server.kill()));
      await Promise.all(acting);
      await killed;
      const about = `seed ${SEED}, round ${round}, ${isLoaded ? 'under load' : 'idle'}`;
      const early = inFile();
      for (const action of answered.filter(({ gives }) => gives))
        expect(early.filter(action.is).length, `${about}: ${JSON.stringify(action)}`).toBeGreaterThan(0);
      const records = await examined(about);
      for (const action of answered) {
        const most = action.method === 'member.setDenied' ? 2 : 1;
        const found = records.filter(action.is).length;
        // A denial that changes nothing has no record.
        const least = action.method === 'member.setDenied' ? 0 : 1;
        expect([found >= least, found <= most], `${about}: ${JSON.stringify(action)}`).toEqual([true, true]);
      }
      done += answered.length;
    }
    expect(done).toBeGreaterThan(0);
    process.stdout.write(`Killed ${runs} servers; ${done} answered actions are on record (seed ${SEED}).\n`);
  },
  FEW_SECONDS,
);
