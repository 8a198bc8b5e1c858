import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { fitted, largeRoom, largeTurn, othersOf, turn } from './race-wishes.fixture.ts';
import { Races } from './races.fixture.ts';

/* A thousand orders take a while: with the tests that take theirs, though no worker and no file is needed. */

/** Orders in small rooms; in large ones an eighth of them. */
const orders = Number(process.env.RACES ?? 1000);
/** The same orders each time, others when a number of them is asked for; or those of a failure, to see it again. */
const seed = process.env.RACES_SEED
  ? { seed: Number(process.env.RACES_SEED) }
  : process.env.RACES
    ? {}
    : { seed: 20_261_127 };
/** Milliseconds: a computer that does other things too takes its time. */
const patience = 240_000 + 400 * orders;

describe('whatever is asked for at the same time, the media ends as an order of it leaves it', () => {
  test(
    'in a small room',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(turn, { minLength: 2, maxLength: 12 }),
          fc.constantFrom(2, 1000),
          async (turns, places) => {
            const races = new Races(places);
            await races.begin();
            for (const { wishes, ...holding } of turns) {
              await races.holding(holding);
              await races.atOnce(wishes);
            }
            await races.end();
          },
        ),
        { ...seed, numRuns: orders },
      );
    },
    patience,
  );

  test(
    'in a large room, while it works off slice by slice what concerns many',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(largeTurn, { minLength: 1, maxLength: 8 }),
          largeRoom,
          async (turns, room) => {
            const { size, places, bits, limits } = room;
            const races = new Races(places, othersOf(size), new EventLoopShare(limits));
            await races.beginLarge(bits);
            for (const { wishes, ...holding } of turns) {
              await races.holding(holding);
              await races.refill();
              await races.atOnce(wishes.map((wish) => fitted(wish, size)));
            }
            await races.end();
          },
        ),
        { ...seed, numRuns: Math.ceil(orders / 8) },
      );
    },
    patience,
  );
});
