import { readFileSync } from 'node:fs';
import { listUsage } from '@roomkey/server/operators';
import { EventLoopShare } from '@roomkey/server/rooms';
import { UsageMeter } from '@roomkey/server/usage';
import { FakeUsageStore, RoomWorldUnderTest } from '@roomkey/testkit';
import { presets } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { usageText } from './text.ts';

const page = readFileSync(new URL('../../../../docs/usage.md', import.meta.url), 'utf8');

const MINUTE = 60_000;

/** One anchor and so many viewers for an hour; the first viewer is on stage from the 20th minute to the 30th. */
async function broadcast(viewers: number) {
  const world = new RoomWorldUnderTest({ sdkAppId: 1_400_000_001, maxMembersPerRoom: 1 + viewers });
  const { clock } = world;
  clock.set(Date.parse('2026-11-20T19:00:00Z'));
  const store = new FakeUsageStore();
  const unexpected = (...told: unknown[]) => expect(told).toEqual([]);
  const events = { failed: unexpected, lost: unexpected };
  const meter = new UsageMeter({ store, clock, share: new EventLoopShare(), days: 400, events });
  world.listeners.push(meter.heard);
  await world.enter('anchor', { scene: 'live', roomId: 123 });
  const [guest] = await Promise.all(
    Array.from({ length: viewers }, (_, n) =>
      world.enter(`viewer-${n}`, { scene: 'live', role: 'audience', roomId: 123 }),
    ),
  );
  clock.advance(20 * MINUTE);
  const privateMapKey = world.issuer.genPrivateMapKey('viewer-0', 300, 123, presets.anchor);
  await guest?.seat.switchRole({ role: 'anchor', privateMapKey });
  clock.advance(10 * MINUTE);
  await guest?.seat.switchRole({ role: 'audience' });
  clock.advance(30 * MINUTE);
  await world.home.close();
  await meter.close();
  const days = { from: '2026-11-20', to: '2026-11-20' };
  return (await listUsage(store, { ...days, limit: 50 })).rows;
}

const prices = { core: 4, outer: 1 };

test('docs/usage.md shows what a broadcast to a hundred viewers counts and costs', async () => {
  const rows = await broadcast(100);
  expect(rows).toMatchObject([{ core: 70 * MINUTE, outer: 5990 * MINUTE }]);
  const shown = usageText(rows, prices);
  expect(page).toContain(
    shown
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n'),
  );
});

test.each([10, 100, 1000])('docs/usage.md shows the figures for %i viewers', async (viewers) => {
  const [, , total = ''] = usageText(await broadcast(viewers), prices).split('\n');
  const [, , core, outer, cost, allOnCore] = total.split(/ {2,}/);
  const cells = [viewers.toLocaleString('en'), core, outer, cost, allOnCore];
  expect(page).toContain(`\n| ${cells.join(' | ')} |\n`);
});
