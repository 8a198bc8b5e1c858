import type { Slot } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { BitrateGuard, type MeasuredTransport } from './bitrate-guard.ts';

const bounds = { audio: 512_000, video: 8_000_000 };

/** A transport with tracks named by their slot; `asked` holds every track whose own rate was read. */
function transport(rates: Partial<Record<Slot, number>>, asked: string[] = []): MeasuredTransport {
  const entries = Object.entries(rates) as [Slot, number][];
  return {
    tracks: entries.map(([slot, rate]) => ({
      trackId: slot,
      slot,
      rate: async () => {
        asked.push(slot);
        return rate;
      },
    })),
    rate: async () => entries.reduce((sum, [, rate]) => sum + rate, 0),
  };
}

test.each([
  ['microphone', 512_001],
  ['screenAudio', 512_001],
  ['camera', 8_000_001],
  ['screen', 8_000_001],
] as const)('a %s above its bound in two looks in a row is told once', async (slot, rate) => {
  const guard = new BitrateGuard(bounds);
  expect(await guard.look(transport({ [slot]: rate }))).toEqual([]);
  expect(await guard.look(transport({ [slot]: rate }))).toEqual([slot]);
  expect(await guard.look(transport({ [slot]: rate }))).toEqual([]);
});

test('exactly the bound is allowed for good', async () => {
  const guard = new BitrateGuard(bounds);
  for (let look = 0; look < 5; look++) {
    expect(await guard.look(transport({ microphone: 512_000, camera: 8_000_000 }))).toEqual([]);
  }
});

test('one burst between two quiet looks is no excess', async () => {
  const guard = new BitrateGuard(bounds);
  for (const rate of [600_000, 100_000, 600_000, 100_000]) {
    expect(await guard.look(transport({ microphone: rate }))).toEqual([]);
  }
});

test('only the track above its bound is told, not its neighbours', async () => {
  const guard = new BitrateGuard(bounds);
  const at = () => transport({ microphone: 600_000, camera: 7_000_000, screen: 100_000 });
  await guard.look(at());
  expect(await guard.look(at())).toEqual(['microphone']);
});

test('no track is asked while the whole transport stays below the smallest bound', async () => {
  const asked: string[] = [];
  await new BitrateGuard(bounds).look(transport({ microphone: 60_000, camera: 400_000 }, asked));
  expect(asked).toEqual([]);
});

test('pictures are not asked one by one while together they stay below the bound of one', async () => {
  const asked: string[] = [];
  await new BitrateGuard(bounds).look(transport({ microphone: 60_000, camera: 2_500_000 }, asked));
  expect(asked).toEqual(['microphone']);
});

test('a transport without tracks is not asked at all', async () => {
  const rate = () => Promise.reject(new Error('asked'));
  expect(await new BitrateGuard(bounds).look({ tracks: [], rate })).toEqual([]);
});

test('a forgotten track begins anew', async () => {
  const guard = new BitrateGuard(bounds);
  await guard.look(transport({ microphone: 600_000 }));
  guard.forget('microphone');
  expect(await guard.look(transport({ microphone: 600_000 }))).toEqual([]);
});
