import { expect, test } from 'vitest';
import { greediest, RetransmissionBudget } from './retransmission-budget.ts';

interface Link {
  /** Bits per second that are sent to the receiver. */
  readonly bitrate: number;
  /** Share of the packets that are lost, in both directions. */
  readonly loss: number;
  readonly roundTripMs: number;
  /** What the engine believes it to be: 100 ms until it hears better. */
  readonly believedMs: number;
  /** How often the receiver asks for a packet that it still misses. */
  readonly askMs: number;
}

const BYTES = 1200;

/** A number from 0 to 1 of a sequence that is always the same. */
function draws(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Packets that the engine sends again for one packet. A receiver asks ten times at the most, as Chromium does. */
function sentAgain({ loss, roundTripMs, believedMs, askMs }: Link, random: () => number): number {
  if (random() >= loss) return 0;
  let count = 0;
  let arrivesAt = Number.POSITIVE_INFINITY;
  let sentAt = Number.NEGATIVE_INFINITY;
  for (let asked = 0; asked < 10; asked++) {
    const now = asked * askMs;
    if (now >= arrivesAt) break;
    if (random() < loss || now - sentAt <= believedMs) continue;
    sentAt = now;
    count++;
    if (random() >= loss) arrivesAt = Math.min(arrivesAt, now + roundTripMs);
  }
  return count;
}

/** Looks every four seconds for a minute. */
function minute(link: Link): RetransmissionBudget {
  const random = draws();
  const budget = new RetransmissionBudget(0);
  const sent = { first: 0, again: 0 };
  for (let second = 1; second <= 60; second++) {
    for (let packet = 0; packet < link.bitrate / 8 / BYTES; packet++) {
      sent.first += BYTES;
      sent.again += BYTES * sentAgain(link, random);
    }
    if (second % 4 === 0) budget.look({ ...sent }, second * 1000);
    if (budget.exceeded) return budget;
  }
  return budget;
}

test.each([0.1, 0.2, 0.3])('an honest receiver with a loss of %f is never near its bound', (loss) => {
  for (const bitrate of [40_000, 2_000_000, 20_000_000])
    for (const roundTripMs of [20, 100, 300])
      for (const believedMs of [100, roundTripMs])
        for (const askMs of [20, 100, roundTripMs]) {
          const budget = minute({ bitrate, loss, roundTripMs, believedMs, askMs });
          expect([budget.exceeded, budget.isLow]).toEqual([false, false]);
        }
});

test('after an outage of two seconds everything may be sent again twice, also when hardly anything is sent then', () => {
  const budget = new RetransmissionBudget(0);
  const second = 12_000_000 / 8;
  budget.look({ first: 10 * second, again: 0 }, 10_000);
  budget.look({ first: 12 * second, again: 0 }, 12_000);
  budget.look({ first: 12 * second, again: 4 * second }, 13_000);
  expect(budget.exceeded).toBe(false);
});

test('a receiver who has eleven times of what is sent sent again is found after three seconds, and stays found', () => {
  const budget = new RetransmissionBudget(0);
  const first = 350_000;
  let found = 0;
  for (let second = 1; second <= 20; second++) {
    budget.look({ first: second * first, again: second * 11 * first }, second * 1000);
    if (budget.exceeded) found ||= second;
    else expect(found).toBe(0);
  }
  expect(found).toBe(3);
});

test('a receiver who asks for too much now and then has no more than one who does all the time', () => {
  const budget = new RetransmissionBudget(0);
  const first = 100_000;
  let again = 0;
  let found = 0;
  for (let second = 1; second <= 60 && !found; second++) {
    again += second % 3 === 0 ? 0 : 12 * first;
    budget.look({ first: second * first, again }, second * 1000);
    if (budget.exceeded) found = second;
  }
  expect(found).toBeGreaterThan(0);
});

test('those consumers pause that cost most, no more than it takes', () => {
  const sent = (consumer: string, first: number, again: number) => ({ consumer, first, again });
  expect(greediest([sent('honest', 500, 100), sent('worst', 100, 3000), sent('bad', 100, 1500)])).toEqual([
    'worst',
    'bad',
  ]);
  expect(greediest([sent('loud', 2000, 100), sent('small', 10, 60)])).toEqual([]);
  expect(greediest([sent('one', 50, 150), sent('two', 50, 150), sent('three', 50, 150)])).toEqual(['one']);
  expect(greediest([])).toEqual([]);
});
