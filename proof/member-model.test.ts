import { expect, test } from 'vitest';
import { type Fault, MemberModel } from './member-model.ts';
import { rows } from './permission-model.ts';

const flowing = (model: MemberModel) =>
  rows.filter((row) => model.flows(row)).map(({ direction, slot }) => `${direction} ${slot}`);

const everything = rows.map(({ direction, slot }) => `${direction} ${slot}`);

function entered(byte = 255, fault: Fault = {}, live = false): MemberModel {
  const model = new MemberModel(fault);
  model.enter(byte, { live });
  return model;
}

test('a key without the enter bit changes nothing, at the entry and later', () => {
  const model = new MemberModel();
  expect(model.enter(253)).toBe(false);
  expect(flowing(model)).toEqual([]);
  expect([model.enter(255), model.enter(4), model.updatePrivateMapKey(1)]).toEqual([true, false, false]);
  expect(flowing(model)).toEqual(everything);
});

test('an audience member of a live scene receives what its key lets it, and sends nothing', () => {
  const model = entered(255, {}, true);
  model.switchRole('audience', 255);
  expect(flowing(model)).toEqual(everything.slice(4));
  model.switchRole('anchor', 22);
  expect(flowing(model)).toEqual(['send microphone', 'send camera']);
});

test('what was asked for, what an operator took and what has expired each take what they name', () => {
  const model = entered();
  model.changeAuthority(255 - 16);
  expect(flowing(model)).not.toContain('send camera');
  model.changeAuthority(255);
  model.deny(8);
  expect(everything.filter((row) => !flowing(model).includes(row))).toEqual([
    'recv microphone',
    'recv screenAudio',
  ]);
  model.deny(0);
  model.expire();
  expect(flowing(model)).toEqual(everything.slice(4));
  model.updatePrivateMapKey(255);
  expect(flowing(model)).toEqual(everything);
});

test('who is revoked is out, comes back with no ticket of before, and with a newer one', () => {
  const model = entered();
  model.revoke();
  expect(flowing(model)).toEqual([]);
  expect(model.enter(255, { revocable: true })).toBe(false);
  expect(model.enter(10)).toBe(true);
  expect(flowing(model)).toEqual(['recv microphone']);
});

test('a denial outlasts leaving, entering again and the death of a worker, and bit 2 lets nobody in', () => {
  const model = entered();
  model.deny(84);
  model.leave();
  expect(model.enter(255)).toBe(true);
  expect(flowing(model)).toEqual(everything.slice(4));
  model.loseWorker();
  expect(flowing(model)).toEqual(everything.slice(4));
  model.leave();
  model.deny(2);
  expect(model.enter(255)).toBe(false);
  expect(flowing(model)).toEqual([]);
  model.deny(0);
  expect(model.enter(255)).toBe(true);
  expect(flowing(model)).toEqual(everything);
});

test('a fault at the entry alone ends with the next denial', () => {
  const model = entered(255, { ignoresDenials: 'entry' });
  model.deny(2);
  expect(model.enter(255)).toBe(true);
  model.deny(84);
  expect(flowing(model)).toEqual(everything.slice(4));
});

test('a closing that is forgotten lasts as long as the transports', () => {
  const model = entered(255, { neverCloses: 'sendSub' });
  model.updatePrivateMapKey(2);
  expect(flowing(model)).toEqual(['send screen', 'send screenAudio']);
  model.loseWorker();
  expect(flowing(model)).toEqual([]);
  model.updatePrivateMapKey(66);
  model.updatePrivateMapKey(2);
  expect(flowing(model)).toEqual(['send screen']);
  model.enter(2);
  expect(flowing(model)).toEqual([]);
});

test.each<[string, Fault, (model: MemberModel) => unknown]>([
  ['an entry', { allBitsWith: 'enter' }, (model) => model.enter(2)],
  ['a switched role', { allBitsWith: 'switchRole' }, (model) => model.switchRole('anchor', 2)],
  ['a new key', { allBitsWith: 'updatePrivateMapKey' }, (model) => model.updatePrivateMapKey(2)],
  ['an authority', { ignoresAuthority: true }, (model) => model.changeAuthority(0)],
  ['a denial', { ignoresDenials: 'always' }, (model) => model.deny(255)],
  ['a denial while away', { ignoresDenials: 'resumed' }, (model) => [model.deny(255), model.resume()]],
  ['a denial before an entry', { ignoresDenials: 'entry' }, (model) => [model.deny(253), model.enter(255)]],
  [
    'a denial before the death of a worker',
    { ignoresDenials: 'workerDeath' },
    (model) => [model.deny(255), model.loseWorker()],
  ],
  ['an expiry', { ignoresExpiry: true }, (model) => model.expire()],
  ['a revocation', { ignoresRevocation: true }, (model) => model.revoke()],
])('with a fault %s takes nothing; without it, it does', (_, fault, step) => {
  const [good, broken] = [entered(), entered(255, fault)];
  step(good);
  step(broken);
  expect(flowing(good).length).toBeLessThan(8);
  expect(flowing(broken)).toEqual(everything);
});
