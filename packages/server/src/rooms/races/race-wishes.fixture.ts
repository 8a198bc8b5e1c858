import { slots } from '@roomkey/tickets/permissions';
import * as fc from 'fast-check';
import { users, type Wish } from './race-changes.fixture.ts';
import type { Timed } from './races.fixture.ts';

const slot = fc.constantFrom(...slots);
const role = fc.constantFrom('anchor', 'audience');
/** Mostly keys that let somebody stay inside. */
const bits = fc.oneof(
  fc.constant(255),
  fc.integer({ min: 0, max: 255 }).map((byte) => byte | 3),
  fc.nat(255),
);
const newKey = fc.option(bits, { nil: undefined });
const taken = fc.integer({ min: 1, max: 255 });
const control = fc.constantFrom('off', 'observe', 'enforce');
const seconds = fc.constantFrom(5, 100, 86_400);

/** What is wished for so often as `weight` says. */
const often = (weight: number, wish: { [name: string]: fc.Arbitrary<unknown> }) => ({
  weight,
  arbitrary: fc.record(wish),
});

/** What members do often, and what operators and time do to them now and then. */
const ofOne = (user: fc.Arbitrary<string>) => [
  often(3, { what: fc.constant('enter'), user, bits, role }),
  often(2, { what: fc.constantFrom('resume', 'lose'), user }),
  often(1, { what: fc.constantFrom('exit', 'kick'), user }),
  often(3, { what: fc.constant('switchRole'), user, role, bits: newKey }),
  often(3, { what: fc.constant('updatePrivateMapKey'), user, bits }),
  often(3, {
    what: fc.constant('changeAuthority'),
    user,
    asks: fc.oneof(fc.constant(-1), bits),
    bits: newKey,
  }),
  often(4, { what: fc.constantFrom('deny', 'allow'), user, bits: taken, seconds }),
  often(5, { what: fc.constantFrom('publish', 'unpublish', 'subscribe', 'unsubscribe'), user, slot }),
];

const few = fc.constantFrom<string>(...users);

const wish = fc.oneof(
  ...ofOne(few),
  often(1, { what: fc.constantFrom('dismiss', 'workerDeath'), user: few }),
  often(1, { what: fc.constant('revoke'), user: few, whose: fc.constantFrom('user', 'room') }),
  often(2, { what: fc.constant('control'), user: few, control }),
  often(1, {
    what: fc.constant('expiryPolicy'),
    user: few,
    policy: fc.constantFrom('keep', 'demote', 'remove'),
  }),
  often(1, { what: fc.constant('stalePolicy'), user: few, policy: fc.constantFrom('remove', 'refuse') }),
  often(1, { what: fc.constant('secretKey'), user: few, state: fc.constantFrom('active', 'retired') }),
  often(2, { what: fc.constant('time'), user: few, seconds: fc.constantFrom(1, 20, 61, 301) }),
) as fc.Arbitrary<Wish>;

/** Those beside ana, bob and eve in a room of at most so many. */
export const othersOf = (size: number): string[] =>
  Array.from({ length: size - users.length }, (_, index) => `member_${index}`);

/** Members of the largest room. */
const LARGEST = 80;
const anybody = fc.oneof(
  { weight: 1, arbitrary: few },
  { weight: 3, arbitrary: fc.constantFrom(...othersOf(LARGEST)) },
);
/** Some of the room at once. */
const also = fc.subarray(othersOf(LARGEST), { minLength: 0 });

/** What concerns everybody, or many. */
const ofMany = fc.oneof(
  often(14, {
    what: fc.constantFrom('deny', 'allow'),
    user: few,
    bits: fc.oneof(fc.constantFrom(255 - 3, 8 + 32 + 128), taken),
    seconds,
    whom: fc.constantFrom('all', 'all', 'others'),
  }),
  often(10, { what: fc.constant('control'), user: few, control }),
  often(2, {
    what: fc.constant('secretKey'),
    user: few,
    state: fc.constantFrom('active', 'retired', 'compromised'),
  }),
  often(1, { what: fc.constantFrom('newSecretKey', 'dismiss'), user: few }),
  often(2, { what: fc.constant('workerDeath'), user: few }),
  often(2, { what: fc.constant('kick'), user: anybody, also }),
  often(2, { what: fc.constant('revoke'), user: few, whose: fc.constantFrom('room', 'application') }),
  often(2, {
    what: fc.constant('expiryPolicy'),
    user: few,
    policy: fc.constantFrom('keep', 'demote', 'remove'),
  }),
  often(2, { what: fc.constant('time'), user: few, seconds: fc.constantFrom(1, 20, 61, 301) }),
) as fc.Arbitrary<Wish>;

const ofAnybody = fc.oneof(
  ...ofOne(anybody),
  often(1, { what: fc.constant('ban'), user: anybody }),
  often(1, { what: fc.constant('revoke'), user: anybody, whose: fc.constant('user') }),
) as fc.Arbitrary<Wish>;

/** Time ends many things one after another, with a turn for others between them. The model knows it only as one change, before all others. */
const timeFirst = (wishes: readonly Timed[]): readonly Timed[] => {
  const time = wishes.find(({ what }) => what === 'time');
  return time ? [time, ...wishes.filter(({ what }) => what !== 'time')] : wishes;
};

const holding = {
  media: fc.constantFrom('free', 'free', 'free', 'free', 'some', 'held', 'held'),
  journal: fc.constantFrom('free', 'free', 'free', 'free', 'some', 'held', 'refused'),
} as const;

const some = <T>(arbitrary: fc.Arbitrary<T>, count: number) =>
  fc.array(arbitrary, { minLength: count, maxLength: count });

/** One turn of a small room: what is held, and what is asked for at the same time. */
export const turn = fc.record({
  ...holding,
  wishes: fc
    .oneof(
      { weight: 3, arbitrary: some(wish, 1) },
      { weight: 3, arbitrary: some(wish, 2) },
      { weight: 1, arbitrary: some(wish, 3) },
    )
    .map(timeFirst),
});

const later = fc.constantFrom(0, 1, 1, 2, 2, 3, 4, 6);
const timed = (wish: fc.Arbitrary<Wish>) => fc.tuple(wish, later).map(([one, after]) => ({ ...one, after }));

/** One turn of a large room: something that concerns many, and others while it is done slice by slice. */
export const largeTurn = fc.record({
  ...holding,
  wishes: fc
    .tuple(
      timed(ofMany),
      fc.array(timed(fc.oneof(ofAnybody, ofAnybody, ofMany)), { minLength: 1, maxLength: 3 }),
    )
    .map(([first, rest]) => timeFirst([first, ...rest])),
});

/** The same for a room of so many and two who are out at first. */
export function fitted(wish: Timed, size: number): Timed {
  const others = othersOf(size + 2);
  const fit = (user: string) => {
    const index = othersOf(LARGEST).indexOf(user);
    return index < 0 ? user : (others[index % others.length] ?? user);
  };
  const user = fit(wish.user);
  return 'also' in wish ? { ...wish, user, also: [...new Set(wish.also?.map(fit))] } : { ...wish, user };
}

/** A large room: around the sizes of one and two slices, or any; how many may send, and what the keys of its members hold in turn. */
export const largeRoom = fc.record({
  size: fc.oneof(fc.constantFrom(25, 26, 27, 50, 51, 52), fc.integer({ min: 26, max: LARGEST })),
  places: fc.constantFrom(2, 30, 1000),
  bits: fc.array(fc.oneof(fc.constant(255), bits), { minLength: 1, maxLength: 7 }),
  limits: fc.constantFrom(
    { ms: Number.POSITIVE_INFINITY, work: 500, notices: 120, many: 100, few: 8 },
    // What concerns more than three is left to later turns as a whole.
    { ms: Number.POSITIVE_INFINITY, work: 30, notices: 10, many: 3, few: 1 },
  ),
});
