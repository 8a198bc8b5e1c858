import { type ApplicationStore, type NamedRecord, StoreError } from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storedApplication } from './fake-application-store.ts';

/** One store, empty at first, and the way to lose everything but what it keeps. */
export interface StoreUnderTest {
  store(): ApplicationStore;
  /** The records that are kept with changes and are not in the journal. */
  records(): Promise<readonly NamedRecord[]>;
  /** Ends this life of the store and begins another one on the same data. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const recordNamed = (id: string): NamedRecord => ({
  id,
  at: 1,
  kind: 'application',
  actor: { type: 'operator', id: 'olga' },
  cause: id,
});

/** What every store of applications must do; run it for each kind of store. */
export function applicationStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the application store ${name}`, () => {
    let at: StoreUnderTest;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());

    const kept = async () => {
      await at.reopen();
      return at.store().load();
    };

    test('begins empty', async () => {
      expect(await at.store().load()).toEqual([]);
    });

    test('keeps an application whole', async () => {
      const application = storedApplication({
        name: 'Größe "1" \\ 房间',
        keys: [
          { keyId: 'k1', secret: 'a'.repeat(64), state: 'compromised', createdAt: 1_800_000_000_001 },
          { keyId: 'k2', secret: 'b'.repeat(32), state: 'retired', createdAt: 1_800_000_000_002 },
          { keyId: 'k10', secret: '~!'.repeat(128), state: 'active', createdAt: 1_800_000_000_003 },
        ],
        roomControls: new Map([
          ['n:123', 'off'],
          ['s:123', 'observe'],
        ]),
      });
      await at.store().add(application, []);
      expect(await kept()).toEqual([application]);
    });

    test('keeps the records of a change in one step with it, and none of a change that is refused', async () => {
      const before = storedApplication({ sdkAppId: 7 });
      const key = { keyId: 'k2', secret: 'b'.repeat(32), state: 'active', createdAt: 1 } as const;
      const decidedOn = (version: number) => ({ sdkAppId: 7, version });
      await at.store().add(before, [recordNamed('add')]);
      await at.store().saveSettings(before, before, [recordNamed('settings')]);
      await at.store().addKey(decidedOn(2), key, [recordNamed('key')]);
      await at.store().saveKeyState(decidedOn(3), 'k2', 'retired', [recordNamed('state')]);
      await at.store().saveRoomControl(decidedOn(4), 'n:1', 'off', [recordNamed('room')]);
      const refused = [recordNamed('refused')];
      const changes = [
        () => at.store().add(before, refused),
        () => at.store().saveSettings(before, before, refused),
        () => at.store().addKey(before, key, refused),
        () => at.store().saveKeyState(decidedOn(5), 'nothing', 'retired', refused),
        () => at.store().saveRoomControl(before, 'n:1', undefined, refused),
      ];
      for (const change of changes) await expect(change()).rejects.toThrow(StoreError);
      const names = ['add', 'settings', 'key', 'state', 'room'];
      expect(await at.records()).toEqual(names.map(recordNamed));
    });

    test('lists by rising sdkAppId up to the largest', async () => {
      for (const sdkAppId of [0xff_ff_ff_ff, 1, 1_400_000_000])
        await at.store().add(storedApplication({ sdkAppId }), []);
      expect((await kept()).map(({ sdkAppId }) => sdkAppId)).toEqual([1, 1_400_000_000, 0xff_ff_ff_ff]);
    });

    test('keeps changed settings and leaves the rest', async () => {
      const before = storedApplication({ roomControls: new Map([['n:1', 'off']]) });
      await at.store().add(before, []);
      await at.store().add(storedApplication({ sdkAppId: 7 }), []);
      const settings = {
        name: 'renamed',
        permissionControl: 'observe',
        expiryPolicy: 'demote',
        staleKeyPolicy: 'refuse',
        duplicatePolicy: 'refuse',
        maxMembersPerRoom: 5,
        maxRooms: 6,
        lingerSeconds: 7,
        graceSeconds: 8,
      } as const;
      await at.store().saveSettings(before, settings, []);
      expect(await kept()).toEqual([
        storedApplication({ sdkAppId: 7 }),
        { ...before, ...settings, version: 2 },
      ]);
    });

    test('keeps added keys in their order', async () => {
      const before = storedApplication();
      await at.store().add(before, []);
      const added = ['k2', 'k3', 'k11', 'k4'].map((keyId, index) => ({
        keyId,
        secret: String(index).repeat(64),
        state: 'active' as const,
        createdAt: index,
      }));
      for (const [index, key] of added.entries())
        await at.store().addKey({ ...before, version: 1 + index }, key, []);
      expect((await kept())[0]?.keys).toEqual([...before.keys, ...added]);
    });

    test('keeps the state of one key of one application', async () => {
      const other = storedApplication({ sdkAppId: 7 });
      const before = storedApplication();
      await at.store().add(other, []);
      await at.store().add(before, []);
      await at.store().saveKeyState(before, 'k1', 'retired', []);
      const [first, second] = await kept();
      expect(first).toEqual(other);
      expect(second?.keys[0]?.state).toBe('retired');
    });

    test('keeps, replaces and forgets the permission control of a room', async () => {
      await at.store().add(storedApplication(), []);
      const changes = [
        ['n:1', 'off'],
        ['s:1', 'off'],
        ['s:1', 'observe'],
        ['n:1', undefined],
        ['n:9', undefined],
      ] as const;
      for (const [index, [room, control]] of changes.entries())
        await at.store().saveRoomControl({ ...storedApplication(), version: 1 + index }, room, control, []);
      expect((await kept())[0]?.roomControls).toEqual(new Map([['s:1', 'observe']]));
    });

    test('refuses what is there already or is not there, and changes nothing', async () => {
      const application = storedApplication();
      await at.store().add(application, []);
      const [key] = application.keys;
      if (!key) throw new Error('no key');
      const absent = { sdkAppId: 7, version: 1 };
      const refused = [
        () => at.store().add(storedApplication({ name: 'again', keys: [] }), []),
        () => at.store().addKey(application, { ...key, secret: 'other' }, []),
        () => at.store().addKey(absent, { ...key, keyId: 'k2' }, []),
        () => at.store().saveKeyState(application, 'k9', 'active', []),
        () => at.store().saveSettings(absent, application, []),
        () => at.store().saveRoomControl(absent, 'n:1', 'off', []),
      ];
      for (const call of refused) await expect(call()).rejects.toThrow(StoreError);
      expect(await kept()).toEqual([application]);
    });

    test('reads one application as it is now', async () => {
      const application = storedApplication({ roomControls: new Map([['n:1', 'off']]) });
      await at.store().add(storedApplication({ sdkAppId: 7, keys: [] }), []);
      await at.store().add(application, []);
      await at.store().saveKeyState(application, 'k1', 'retired', []);
      const keys = application.keys.map((key) => ({ ...key, state: 'retired' }));
      expect(await at.store().read(application.sdkAppId)).toEqual({ ...application, version: 2, keys });
      expect(await at.store().read(8)).toBeUndefined();
    });

    test('refuses as a conflict what was decided on another version than the one that is kept', async () => {
      const first = storedApplication();
      await at.store().add(first, []);
      const changes = [
        (decidedOn: typeof first) => at.store().saveSettings(decidedOn, { ...first, name: 'renamed' }, []),
        (decidedOn: typeof first) =>
          at.store().addKey(decidedOn, { keyId: 'k2', secret: 's', state: 'active', createdAt: 1 }, []),
        (decidedOn: typeof first) => at.store().saveKeyState(decidedOn, 'k1', 'retired', []),
        (decidedOn: typeof first) => at.store().saveRoomControl(decidedOn, 'n:1', 'off', []),
        (decidedOn: typeof first) => at.store().saveRoomControl(decidedOn, 'n:1', undefined, []),
      ];
      for (const [index, change] of changes.entries()) {
        const before = await kept();
        for (const version of [index, index + 2])
          await expect(change({ ...first, version })).rejects.toMatchObject({ fault: 'conflict' });
        expect(await kept()).toEqual(before);
        await change({ ...first, version: index + 1 });
        expect((await kept())[0]?.version).toBe(index + 2);
      }
      await expect(at.store().add(first, [])).rejects.toMatchObject({ fault: 'conflict' });
    });
  });
}
