import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { TrustedProxies } from '../client-address.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import { RequestTurns } from './request-turns.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const requestFrom = (remoteAddress: string, forwardedFor?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }) as unknown as IncomingMessage;

/** Turns of 6 ms on a clock that only work moves on. */
function turnsOnClock() {
  const clock = { now: 0 };
  const share = new EventLoopShare({ ms: 6, work: 500, notices: 120, many: 100, few: 8 }, () => clock.now);
  const turns = new RequestTurns(share, new TrustedProxies(['10.0.0.1']));
  const done: string[] = [];
  const work = (name: string) => () => {
    clock.now += 3;
    done.push(name);
  };
  return { share, turns, done, work };
}

test('an address with many requests keeps another one waiting for one of them', async () => {
  const { turns, done, work } = turnsOnClock();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) turns.later(requestFrom('192.0.2.1'), work(name));
  await turn();
  turns.later(requestFrom('192.0.2.2'), work('b'));
  await turn();
  expect(done).toEqual(['a1', 'a2', 'b', 'a3']);
});

test('behind a trusted proxy, addresses are those that it names', async () => {
  const { turns, done, work } = turnsOnClock();
  for (const name of ['a1', 'a2', 'a3']) turns.later(requestFrom('10.0.0.1', '192.0.2.1'), work(name));
  turns.later(requestFrom('10.0.0.1', '192.0.2.2'), work('b'));
  await turn();
  expect(done).toEqual(['a1', 'b']);
});

test('a room takes turns with all requests, from however many addresses they come', async () => {
  const { share, turns, done, work } = turnsOnClock();
  for (let i = 1; i <= 9; i++) turns.later(requestFrom(`192.0.2.${i}`), work(`request ${i}`));
  await turn();
  share.later(work('room'));
  await turn();
  expect(done).toEqual(['request 1', 'request 2', 'room', 'request 3']);
});
