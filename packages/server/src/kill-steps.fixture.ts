import { operatorActor } from '@roomkey/tickets/permissions';
import { Core } from './core.ts';
import { DataDirectory } from './store/index.ts';
import { JournalFile } from './store/journal/file.ts';
import { RecordOutbox } from './store/journal/record-outbox.ts';
import { SqliteJournal } from './store/journal/sqlite-journal.ts';

/** Between which steps of a change the process can end. */
export const steps = [
  'before it is saved',
  'before it is committed',
  'when it is saved',
  'before its record is written',
  'when its record is written',
  'before the outbox forgets it',
  'when the outbox has forgotten it',
] as const;
export type Step = (typeof steps)[number];

/** How many changes {@link changeAndDie} makes at most. */
export const changes = 14;

const sdkAppId = 7;
const olga = operatorActor('olga');
const room = { roomId: 1 };

/**
 * Makes one change of every kind, and says after each that it is answered. The process ends by SIGKILL when it reaches a step
 * for the `nth` time.
 */
export async function changeAndDie(folder: string, step: Step, nth: number, round: number): Promise<void> {
  let left = nth;
  let isArmed = false;
  const reach = (reached: Step) => {
    if (isArmed && reached === step && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
  around(RecordOutbox.prototype, 'keep', {
    before: () => reach('before it is saved'),
    after: () => reach('before it is committed'),
  });
  for (const name of ['append', 'appendGrant'] as const)
    around(SqliteJournal.prototype, name, { before: () => reach('when it is saved') });
  around(JournalFile.prototype, 'append', {
    before: () => reach('before its record is written'),
    after: () => reach('when its record is written'),
  });
  around(RecordOutbox.prototype, 'forget', {
    before: () => reach('before the outbox forgets it'),
    after: () => reach('when the outbox has forgotten it'),
  });
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    elapsed: () => performance.now() + ahead,
    after: () => () => {},
  };
  const { applications, restrictions, operate } = await opened(data, clock);
  const operator = operate();
  if (!applications.find(sdkAppId)) await applications.create(olga, { sdkAppId, settings: {} });
  const by = { sdkAppId, room, actor: olga };
  const userId = `user${round}`;
  const bob = { ...by, users: { only: [userId, 'zoe'] } };
  const made: (() => Promise<unknown>)[] = [
    () => applications.create(olga, { sdkAppId: 100 + round, settings: {} }),
    () => applications.set(olga, sdkAppId, { permissionControl: 'off' }),
    () => applications.set(olga, sdkAppId, { permissionControl: 'enforce', maxRooms: 10 + round }),
    () => applications.addKey(olga, 100 + round),
    () => applications.setKeyState(olga, 100 + round, 'k1', 'retired'),
    () => applications.setKeyState(olga, 100 + round, 'k1', 'compromised'),
    () => applications.setRoomControl(olga, sdkAppId, { roomId: round }, 'observe'),
    () => applications.clearRoomControl(olga, sdkAppId, { roomId: round }),
    () => operator.setDenied({ ...bob, mask: 12, value: 12 }),
    () => operator.setDenied({ ...bob, mask: 12, value: 4 }),
    () => operator.ban({ ...by, userId }),
    () => operator.unban({ ...by, userId }),
    () => operator.revoke({ sdkAppId, actor: olga, tickets: { userId } }),
    async () => {
      await operator.ban({ ...by, userId: `${userId}-soon`, seconds: 1 });
      ahead += 86_402_000;
      await restrictions.prune();
    },
  ];
  isArmed = true;
  for (const [index, change] of made.entries()) {
    await change();
    process.stdout.write(`${index}\n`);
  }
  // The outbox forgets a second later.
  await data.close();
}

async function opened(data: DataDirectory, clock: Parameters<typeof Core.open>[1]) {
  const core = await Core.open(data, clock);
  const { applications, restrictions } = core;
  return { applications, restrictions, operate: () => core.operate().operator };
}

/** Lets something happen before and after each call of a method. */
function around<T extends object, K extends keyof T & string>(
  target: T,
  name: K,
  { before = () => {}, after = () => {} }: { before?: () => void; after?: () => void },
): void {
  const method = target[name] as (...args: unknown[]) => unknown;
  const wrapped = function (this: T, ...args: unknown[]): unknown {
    before();
    const result = method.apply(this, args);
    if (!(result instanceof Promise)) return result;
    return result.then((value) => {
      after();
      return value;
    });
  };
  Object.assign(target, { [name]: wrapped });
}
