import { Permission } from '@roomkey/tickets/permissions';
import { describe, test } from 'vitest';
import type { Wish } from './race-changes.fixture.ts';
import { othersOf } from './race-wishes.fixture.ts';
import { Races } from './races.fixture.ts';

const { sendSub, recvAudio, recvVideo } = Permission;
const bob = { user: 'bob' } as const;

/** What bob holds at first: less than a key that grows gives, more than one that shrinks. */
const bobHolds = 255 - sendSub - recvVideo;
const fewer = 2 + 4 + 8;

/** Every change that can concern one member. */
const changes: Record<string, Wish> = {
  'the role of the audience': { ...bob, what: 'switchRole', role: 'audience' },
  'the role of an anchor': { ...bob, what: 'switchRole', role: 'anchor' },
  'the role of an anchor with a new key': { ...bob, what: 'switchRole', role: 'anchor', bits: 255 },
  'a key with fewer bits': { ...bob, what: 'updatePrivateMapKey', bits: fewer },
  'a key with more bits': { ...bob, what: 'updatePrivateMapKey', bits: 255 },
  'a key of another room': { ...bob, what: 'updatePrivateMapKey', bits: 255, elsewhere: true },
  'less authority': { ...bob, what: 'changeAuthority', asks: 8 + 16 },
  'authority to watch': { ...bob, what: 'changeAuthority', asks: 8 + 128 },
  'all authority': { ...bob, what: 'changeAuthority', asks: -1 },
  'authority with a key': { ...bob, what: 'changeAuthority', asks: 64 + 32, bits: 255 },
  'bits that an operator takes': { ...bob, what: 'deny', bits: 16 + 8, seconds: 86_400 },
  'bits that an operator takes for a while': { ...bob, what: 'deny', bits: 4 + 2 + 128, seconds: 200 },
  'bits that an operator gives back': { ...bob, what: 'allow', bits: 255, seconds: 1 },
  'a kick': { ...bob, what: 'kick' },
  'a ban': { ...bob, what: 'ban' },
  'a revocation of the user’s tickets': { ...bob, what: 'revoke', whose: 'user' },
  'a revocation of the room’s keys': { ...bob, what: 'revoke', whose: 'room' },
  'the dismissal of the room': { ...bob, what: 'dismiss' },
  'control off': { ...bob, what: 'control', control: 'off' },
  'control observe': { ...bob, what: 'control', control: 'observe' },
  'control enforce': { ...bob, what: 'control', control: 'enforce' },
  'demotion at expiry': { ...bob, what: 'expiryPolicy', policy: 'demote' },
  'removal at expiry': { ...bob, what: 'expiryPolicy', policy: 'remove' },
  'refusal of stale keys': { ...bob, what: 'stalePolicy', policy: 'refuse' },
  'a retired secret key': { ...bob, what: 'secretKey', state: 'retired' },
  'a compromised secret key': { ...bob, what: 'secretKey', state: 'compromised' },
  'the expiry of keys': { ...bob, what: 'time', seconds: 301 },
  'a resume': { ...bob, what: 'resume' },
  'a lost connection': { ...bob, what: 'lose' },
  'another entry': { ...bob, what: 'enter', bits: 255, role: 'anchor' },
  'an exit': { ...bob, what: 'exit' },
  'a publication of another': { user: 'eve', what: 'publish', slot: 'camera' },
  'a publication': { ...bob, what: 'publish', slot: 'screen' },
  'the end of a publication': { ...bob, what: 'unpublish', slot: 'microphone' },
  'a wish': { ...bob, what: 'subscribe', slot: 'camera' },
  'a wish taken back': { ...bob, what: 'unsubscribe', slot: 'screenAudio' },
  'the death of the worker': { ...bob, what: 'workerDeath' },
};

describe('of two changes at the same time one comes first, and the media is as one of the two orders leaves it', () => {
  const all = Object.values(changes);
  test.each(Object.entries(changes))(
    '%s, with every other',
    async (_, first) => {
      for (const second of all) {
        // One order of each two while the media plane and the journal answer at once, the other while they do not, with room
        // for two who send: eve waits for the place of who goes.
        const isHeld = all.indexOf(first) > all.indexOf(second);
        const races = new Races(isHeld ? 2 : 1000);
        await races.begin({ bobHolds });
        if (isHeld) await races.holding({ media: 'held', journal: 'held' });
        await races.atOnce([first, second]);
        await races.end();
      }
    },
    60_000,
  );
});

test.each([0, 1, 2])(
  'what everybody gets back %s turns after it was taken stays closed until that is on record',
  async (after) => {
    const races = new Races(1000, othersOf(52));
    const everybody = { user: 'ana', bits: recvAudio + recvVideo, seconds: 100, whom: 'all' } as const;
    await races.beginLarge([255]);
    await races.holding({ media: 'free', journal: 'held' });
    await races.atOnce([
      { ...everybody, what: 'deny' },
      { ...everybody, what: 'allow', after },
    ]);
    await races.end();
  },
);
