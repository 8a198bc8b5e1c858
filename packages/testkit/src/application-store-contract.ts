import { type ApplicationStore, StoreError } from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storedApplication } from './fake-application-store.ts';

/** One store, empty at first, and the way to lose everything but what it keeps. */
export interface StoreUnderTest {
  store(): ApplicationStore;
  /** Ends this life of the store and begins another one on the same data. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

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
      await at.store().add(application);
      expect(await kept()).toEqual([application]);
    });

    test('lists by rising sdkAppId up to the largest', async () => {
      for (const sdkAppId of [0xff_ff_ff_ff, 1, 1_400_000_000])
        await at.store().add(storedApplication({ sdkAppId }));
      expect((await kept()).map(({ sdkAppId }) => sdkAppId)).toEqual([1, 1_400_000_000, 0xff_ff_ff_ff]);
    });

    test('keeps changed settings and leaves the rest', async () => {
      const before = storedApplication({ roomControls: new Map([['n:1', 'off']]) });
      await at.store().add(before);
      await at.store().add(storedApplication({ sdkAppId: 7 }));
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
      await at.store().saveSettings(before.sdkAppId, settings);
      expect(await kept()).toEqual([storedApplication({ sdkAppId: 7 }), { ...before, ...settings }]);
    });

    test('keeps added keys in their order', async () => {
      const before = storedApplication();
      await at.store().add(before);
      const added = ['k2', 'k3', 'k11', 'k4'].map((keyId, index) => ({
        keyId,
        secret: String(index).repeat(64),
        state: 'active' as const,
        createdAt: index,
      }));
      for (const key of added) await at.store().addKey(before.sdkAppId, key);
      expect((await kept())[0]?.keys).toEqual([...before.keys, ...added]);
    });

    test('keeps the state of one key of one application', async () => {
      const other = storedApplication({ sdkAppId: 7 });
      const before = storedApplication();
      await at.store().add(other);
      await at.store().add(before);
      await at.store().saveKeyState(before.sdkAppId, 'k1', 'retired');
      const [first, second] = await kept();
      expect(first).toEqual(other);
      expect(second?.keys[0]?.state).toBe('retired');
    });

    test('keeps, replaces and forgets the permission control of a room', async () => {
      const { sdkAppId } = storedApplication();
      await at.store().add(storedApplication());
      await at.store().saveRoomControl(sdkAppId, 'n:1', 'off');
      await at.store().saveRoomControl(sdkAppId, 's:1', 'off');
      await at.store().saveRoomControl(sdkAppId, 's:1', 'observe');
      await at.store().saveRoomControl(sdkAppId, 'n:1', undefined);
      await at.store().saveRoomControl(sdkAppId, 'n:9', undefined);
      expect((await kept())[0]?.roomControls).toEqual(new Map([['s:1', 'observe']]));
    });

    test('refuses what is there already or is not there, and changes nothing', async () => {
      const application = storedApplication();
      const { sdkAppId } = application;
      await at.store().add(application);
      const [key] = application.keys;
      if (!key) throw new Error('no key');
      const refused = [
        () => at.store().add(storedApplication({ name: 'again', keys: [] })),
        () => at.store().addKey(sdkAppId, { ...key, secret: 'other' }),
        () => at.store().addKey(7, { ...key, keyId: 'k2' }),
        () => at.store().saveKeyState(sdkAppId, 'k9', 'active'),
        () => at.store().saveSettings(7, application),
        () => at.store().saveRoomControl(7, 'n:1', 'off'),
      ];
      for (const call of refused) await expect(call()).rejects.toThrow(StoreError);
      expect(await kept()).toEqual([application]);
    });
  });
}
