import { slots } from '@roomkey/tickets/permissions';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { users, type Wish } from './race-changes.fixture.ts';
import { Races } from './races.fixture.ts';

/* A thousand orders take a while: with the tests that take theirs, though no worker and no file is needed. */

const user = fc.constantFrom(...users);
const slot = fc.constantFrom(...slots);
const role = fc.constantFrom('anchor', 'audience');
/** Mostly keys that let somebody stay inside. */
const bits = fc.oneof(
  fc.constant(255),
  fc.integer({ min: 0, max: 255 }).map((byte) => byte | 3),
  fc.nat(255),
);
const newKey = fc.option(bits, { nil: undefined });

/** What members do often, and what operators and time do to them now and then. */
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('enter'), user, bits, role }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('resume', 'lose'), user }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('exit', 'kick', 'dismiss', 'workerDeath'), user }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('switchRole'), user, role, bits: newKey }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('updatePrivateMapKey'), user, bits }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('changeAuthority'),
      user,
      asks: fc.oneof(fc.constant(-1), bits),
      bits: newKey,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('deny', 'allow'),
      user,
      bits: fc.integer({ min: 1, max: 255 }),
      seconds: fc.constantFrom(5, 100, 86_400),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('revoke'), user, whose: fc.constantFrom('user', 'room') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('control'),
      user,
      control: fc.constantFrom('off', 'observe', 'enforce'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('expiryPolicy'),
      user,
      policy: fc.constantFrom('keep', 'demote', 'remove'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('stalePolicy'),
      user,
      policy: fc.constantFrom('remove', 'refuse'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('secretKey'),
      user,
      state: fc.constantFrom('active', 'retired'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom('publish', 'unpublish', 'subscribe', 'unsubscribe'),
      user,
      slot,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('time'), user, seconds: fc.constantFrom(1, 20, 61, 301) }),
  },
) as fc.Arbitrary<Wish>;

/** Time ends many things one after another, between which there is a turn for others: the model knows it only as one change. */
const timeAlone = (wishes: readonly Wish[]): readonly Wish[] => {
  const time = wishes.find(({ what }) => what === 'time');
  return time ? [time] : wishes;
};

const turn = fc.record({
  media: fc.constantFrom('free', 'free', 'held'),
  wishes: fc
    .oneof(
      { weight: 3, arbitrary: fc.array(wish, { minLength: 1, maxLength: 1 }) },
      { weight: 3, arbitrary: fc.array(wish, { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(wish, { minLength: 3, maxLength: 3 }) },
    )
    .map(timeAlone),
});

test('whatever is asked for at the same time, the media ends as an order of it leaves it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: 2, maxLength: 12 }),
      fc.constantFrom(2, 1000),
      async (turns, places) => {
        const races = new Races(places);
        await races.begin();
        for (const { media, wishes } of turns) {
          if (media === 'held') races.hold();
          else await races.release();
          await races.atOnce(wishes);
        }
        await races.end();
      },
    ),
    { numRuns: 1000 },
  );
}, 120_000);
