import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimedIndex } from './timed-index.ts';

const places = fc.record({
  sdkAppId: fc.constantFrom(7, 8),
  userId: fc.constantFrom('ana', 'bob', 'eve', 'zoe'),
  room: fc.constantFrom(undefined, 'n:1', 's:1'),
});
const steps = fc.oneof(
  fc.record({ what: fc.constant('set' as const), at: places, end: fc.nat(20) }),
  fc.record({ what: fc.constant('delete' as const), at: places }),
  fc.record({ what: fc.constant('take' as const), now: fc.nat(20) }),
  fc.record({ what: fc.constant('turn' as const), now: fc.nat(20) }),
);

interface Timed {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly room: string | undefined;
  readonly end: number;
}

test('an index is as a list that is searched from one end to the other', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60 }), (all) => {
      const index = new TimedIndex<Timed>([], ({ end }) => end);
      let list: Timed[] = [];
      const over = new Set<Timed>();
      const isAt = (at: Omit<Timed, 'end'>) => (one: Timed) =>
        one.sdkAppId === at.sdkAppId && one.userId === at.userId && one.room === at.room;
      for (const step of all) {
        if (step.what === 'turn') {
          const turned = list.filter((one) => over.has(one) !== one.end <= step.now);
          for (const one of turned) if (!over.delete(one)) over.add(one);
          expect(new Set(index.turned(step.now))).toEqual(new Set(turned));
          continue;
        }
        if (step.what === 'take') {
          const ended = list.filter(({ end }) => end <= step.now);
          const taken = index.ended(step.now);
          for (const one of taken) index.delete(one);
          expect(taken.map(({ end }) => end)).toEqual(ended.map(({ end }) => end).sort((a, b) => a - b));
          expect(new Set(taken)).toEqual(new Set(ended));
          list = list.filter((one) => !ended.includes(one));
          continue;
        }
        list = list.filter((one) => !isAt(step.at)(one));
        if (step.what === 'delete') index.delete(step.at);
        else {
          const one = { ...step.at, end: step.end };
          list.push(one);
          index.set(one);
        }
        expect(index.find(step.at)).toEqual(list.find(isAt(step.at)));
        const held = list.filter((one) => !over.has(one));
        expect(index.nextEnd).toBe(held.length > 0 ? Math.min(...held.map(({ end }) => end)) : undefined);
        expect(index.hasOver).toBe(held.length < list.length);
        for (const sdkAppId of [7, 8]) {
          const name = ({ userId, room }: Timed) => `${userId} ${room ?? ''}`;
          const those = list.filter((one) => one.sdkAppId === sdkAppId && name(one) > 'bob n:1');
          const ordered = those.sort((one, other) => (name(one) < name(other) ? -1 : 1));
          expect([...index.behind(sdkAppId, 'bob n:1')]).toEqual(ordered.map((one) => [name(one), one]));
        }
      }
    }),
  );
});
