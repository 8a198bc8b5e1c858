import { setTimeout as sleep } from 'node:timers/promises';
import { FakeJournal } from '@roomkey/testkit';
import type { Actor } from '@roomkey/tickets/permissions';
import { ApplicationDirectory } from './applications/index.ts';
import type { Decision } from './ports/index.ts';
import { Restrictions } from './restrictions/index.ts';
import { JournalChain } from './store/journal/chain.ts';
import { RecordOutbox } from './store/journal/record-outbox.ts';
import { SecretBox } from './store/secret-box.ts';
import { SqliteApplicationStore } from './store/sqlite-application-store.ts';
import { openSqlite } from './store/sqlite-database.ts';
import { SqliteRestrictionStore } from './store/sqlite-restriction-store.ts';

export const olga: Actor = { type: 'operator', id: 'olga' };
/** What both processes change. */
export const at = { sdkAppId: 7, room: 'n:1', userId: 'ana' };
export const now = 1000;
export const decision: Decision = { actor: olga, cause: 'operator', since: now };

/** One more connection to a database file, as another process has it. */
export async function connect(file: string) {
  const db = await openSqlite(file);
  const outbox = new RecordOutbox(db, new JournalChain(new Uint8Array(32)), file);
  const box = new SecretBox(new Uint8Array(32));
  const applications = new SqliteApplicationStore(db, { box, outbox, file });
  const restrictions = new SqliteRestrictionStore(db, { outbox, file });
  return { applications, restrictions, close: () => db.destroy() };
}

/** How many changes were made of each kind, and the faults of those that were refused. */
export interface Made {
  controls: number;
  denials: number;
  bans: number;
  revocations: number;
  readonly faults: string[];
}

/** Reads everything, and after `ready` changes the same things as others do, as fast as it can. */
export async function changeEverything(
  file: string,
  name: string,
  ready: () => Promise<unknown>,
): Promise<Made> {
  const stores = await connect(file);
  const clock = { now: () => now, elapsed: () => now };
  const applications = await ApplicationDirectory.open(stores.applications, clock, new FakeJournal());
  const restrictions = await Restrictions.open(stores.restrictions, clock, new FakeJournal());
  await ready();
  const made: Made = { controls: 0, denials: 0, bans: 0, revocations: 0, faults: [] };
  const count = async (what: Exclude<keyof Made, 'faults'>, change: () => Promise<unknown>) => {
    try {
      await change();
      made[what]++;
    } catch (error) {
      const { cause, message } = error as { cause?: { fault?: string }; message: string };
      made.faults.push(cause?.fault ?? message);
    }
    // The file is free for the other process meanwhile.
    await sleep(5);
  };
  for (let n = 1; n <= 20; n++) {
    await count('controls', () => applications.setRoomControl(olga, 7, { strRoomId: `${name}${n}` }, 'off'));
    await count('denials', () =>
      restrictions.changeDenials(() => {
        const { mask, version } = restrictions.denial(at) ?? { mask: 0, version: 0 };
        return [{ ...at, ...decision, mask: mask + 1, version: version + 1, expiresAt: 5000 }];
      }, decision),
    );
    await count('bans', () => restrictions.setBan({ ...at, ...decision, until: 5000 }));
    await count('revocations', () => restrictions.raise({ sdkAppId: 7, target: 'a', at: n, ...decision }));
  }
  await stores.close();
  return made;
}
