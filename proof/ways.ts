import { reentry, resume, workerDeath } from './returning-ways.ts';
import { allMedia, enterWith255, noMedia, nothing, type Way } from './way.ts';

/** No media bit but those for sending. */
const onlySending = 87;

const entry: Way = {
  name: 'entry',
  begin: nothing,
  async run(subject, byte, observe) {
    await subject.enter(255, { relayed: true });
    await subject.settle();
    await subject.enter(byte, { relayed: true });
    await observe('shrinking', 255, byte);
    await subject.leave();
    await subject.enter(byte);
    await observe('growing', 'out', byte);
    subject.dropGhost();
  },
  says: { shrinking: '255, entered again → byte', growing: 'out, after an exit → byte' },
  combined: 'three entries for each byte, each with a WebSocket and two transports of its own',
};

const switchRole: Way = {
  name: 'switchRole',
  live: true,
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.switchRole('anchor', 255);
    await subject.settle();
    await subject.switchRole('audience', byte);
    await observe('shrinking', '255, anchor', `${byte}, audience`);
    await subject.switchRole('audience', noMedia);
    await subject.switchRole('anchor', byte);
    await observe('growing', `${noMedia}, audience`, `${byte}, anchor`);
  },
  says: {
    shrinking: '255 as anchor → byte as audience, with the key in the call',
    growing: `${noMedia} as audience → byte as anchor, with the key in the call`,
  },
  combined:
    'one member, one connection and its two transports for many bytes, one after the other; scene live',
};

const updatePrivateMapKey: Way = {
  name: 'updatePrivateMapKey',
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.updatePrivateMapKey(255);
    await subject.settle();
    await subject.updatePrivateMapKey(byte);
    await observe('shrinking', 255, byte);
    await subject.updatePrivateMapKey(noMedia);
    await subject.updatePrivateMapKey(byte);
    await observe('growing', noMedia, byte);
  },
  says: { shrinking: '255 → byte', growing: `${noMedia} → byte` },
  combined: 'one member, one connection and its two transports for many bytes, one after the other',
};

const changeAuthority: Way = {
  name: 'changeAuthority',
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.changeAuthority(255);
    await subject.settle();
    await subject.changeAuthority(byte);
    await observe('shrinking', 'authority 255', `authority ${byte}`);
    await subject.changeAuthority(0);
    await subject.changeAuthority(byte);
    await observe('growing', 'authority 0', `authority ${byte}`);
  },
  says: { shrinking: 'held 255, authority 255 → byte', growing: 'held 255, authority 0 → byte' },
  combined:
    'as updatePrivateMapKey; what an authority says of bits 1 and 2 means nothing, so no byte is refused',
};

const operator: Way = {
  name: 'operator',
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.deny(0);
    await subject.settle();
    await subject.deny(255 - byte);
    await observe('shrinking', 'denied 0', `denied ${255 - byte}`);
    await subject.deny(allMedia);
    await subject.deny(255 - byte);
    await observe('growing', `denied ${allMedia}`, `denied ${255 - byte}`);
  },
  says: {
    shrinking: 'held 255, denied 0 → all but the byte',
    growing: `held 255, denied ${allMedia} → all but the byte`,
  },
  combined: 'as updatePrivateMapKey; over the admin socket. Who is inside stays there without bit 2',
};

const expiry: Way = {
  name: 'expiry',
  waits: true,
  begin: enterWith255,
  async run(subject, byte, observe) {
    const first = soon();
    await subject.updatePrivateMapKey(255, first);
    await subject.updatePrivateMapKey(byte, first);
    await subject.settle();
    await subject.expire(first);
    await observe('shrinking', byte, `${byte}, expired`);
    const second = soon();
    await subject.updatePrivateMapKey(onlySending, second);
    await subject.expire(second);
    await subject.updatePrivateMapKey(byte);
    await observe('growing', `${onlySending}, expired`, byte);
  },
  says: {
    shrinking: 'byte (255 where the byte is refused) → the same, expired, policy demote',
    growing: `${onlySending}, expired → byte`,
  },
  combined:
    'as updatePrivateMapKey; the keys really expire. The window begins when the media engine has answered after the notice',
};

const revocation: Way = {
  name: 'revocation',
  begin: nothing,
  async run(subject, byte, observe) {
    const signed = nextSigning();
    await subject.enter(255, { issuedAt: signed, relayed: true });
    await subject.settle();
    await subject.revoke(signed);
    await subject.enter(byte, { issuedAt: signed, revocable: true });
    await observe('shrinking', 255, 'out');
    await subject.enter(byte, { issuedAt: signed + 1 });
    await observe('growing', 'out', byte);
    subject.dropGhost();
  },
  says: {
    shrinking: '255 → out; comes back with tickets of the byte that are revoked too',
    growing: 'out → byte, with tickets signed after the revoked ones',
  },
  combined: 'two entries for each byte, each with a WebSocket and two transports of its own',
};

/** The last second of a key that is to expire in one to two seconds. */
const soon = (): number => Math.floor(Date.now() / 1000 + 1.2);

/** Seconds at which tickets are signed that are to be revoked: each later than those before, and long ago. */
let lastSigning = 0;
function nextSigning(): number {
  lastSigning = Math.max(lastSigning + 2, Math.floor(Date.now() / 1000) - 3000);
  return lastSigning;
}

/** The ten ways. */
export const ways: readonly Way[] = [
  entry,
  switchRole,
  updatePrivateMapKey,
  changeAuthority,
  operator,
  expiry,
  revocation,
  resume,
  reentry,
  workerDeath,
];
