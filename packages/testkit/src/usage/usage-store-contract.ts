import type { DayUsage, FiveMinuteUsage, UsageFilter, UsagePlace, UsageStore } from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** One empty store, and the way to lose everything but what it keeps. */
export interface UsageStoreUnderTest {
  store(): UsageStore;
  /** Ends this life of the store and begins another one on the same data. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const usage = (more: Partial<FiveMinuteUsage> = {}): FiveMinuteUsage => ({
  day: 20_000,
  fiveMinutes: 0,
  sdkAppId: 7,
  room: 's:größe 房间',
  core: 1,
  outer: 10,
  ...more,
});

const everything: UsageFilter = { from: 0, to: 100_000 };

/** What every store of usage must do; run it for each kind of store. */
export function usageStoreContract(name: string, open: () => Promise<UsageStoreUnderTest>): void {
  describe(`the usage store ${name}`, () => {
    let at: UsageStoreUnderTest;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());

    const listed = async (filter: Partial<UsageFilter> = {}, limit = 50): Promise<DayUsage[]> => {
      const all: DayUsage[] = [];
      let after: UsagePlace | undefined;
      do {
        const { rows, next } = await at.store().list({ ...everything, ...filter }, { after, limit });
        expect(rows.length).toBeLessThanOrEqual(limit);
        expect(new Set(rows.map(({ day }) => day)).size).toBeLessThanOrEqual(1);
        all.push(...rows);
        after = next;
      } while (after);
      return all;
    };

    test('begins empty, and nothing added is nothing kept', async () => {
      await at.store().add([]);
      expect(await listed()).toEqual([]);
    });

    test('adds to what is kept of the same room and five minutes, and sums up the day', async () => {
      await at.store().add([usage(), usage({ fiveMinutes: 287, core: 5 })]);
      await at.reopen();
      await at.store().add([usage({ core: 100, outer: 0 })]);
      await at.reopen();
      const { fiveMinutes, ...day } = usage();
      expect(await listed()).toEqual([{ ...day, core: 106, outer: 20 }]);
    });

    test('keeps milliseconds of a crowd over months exactly', async () => {
      const core = 2 ** 50 + 1;
      await at.store().add([usage({ core })]);
      await at.store().add([usage({ core: 1, fiveMinutes: 1 })]);
      expect((await listed())[0]?.core).toBe(core + 1);
    });

    test('lists by day, application and room, in pages of any size', async () => {
      const places = [20_000, 20_001, 20_005].flatMap((day) =>
        [7, 8].flatMap((sdkAppId) => ['n:1', 's:1', 's:a b'].map((room) => ({ day, sdkAppId, room }))),
      );
      await at.store().add([...places].reverse().map((place) => usage(place)));
      const expected = places.map((place) => ({ ...place, core: 1, outer: 10 }));
      for (const limit of [1, 2, 3, 5, 50]) expect(await listed({}, limit)).toEqual(expected);
      const only = async (filter: Partial<UsageFilter>, limit: number) =>
        (await listed(filter, limit)).map(({ day, sdkAppId, room }) => [day, sdkAppId, room]);
      for (const limit of [1, 50]) {
        expect(await only({ from: 20_001, to: 20_004 }, limit)).toEqual(
          [7, 8].flatMap((app) => ['n:1', 's:1', 's:a b'].map((room) => [20_001, app, room])),
        );
        expect(await only({ sdkAppId: 8, room: 's:1' }, limit)).toEqual(
          [20_000, 20_001, 20_005].map((day) => [day, 8, 's:1']),
        );
        expect(await only({ sdkAppId: 9 }, limit)).toEqual([]);
      }
    });

    test('forgets what is older than a day, however much it is, and nothing else', async () => {
      for (let part = 0; part < 30; part++) {
        const rooms = Array.from({ length: 150 }, (_, n) =>
          usage({ day: 19_999, room: `n:${part * 150 + n}` }),
        );
        await at.store().add(rooms);
      }
      await at.store().add([usage()]);
      while (await at.store().prune(20_000));
      await at.reopen();
      expect((await listed()).map(({ day }) => day)).toEqual([20_000]);
    });
  });
}
