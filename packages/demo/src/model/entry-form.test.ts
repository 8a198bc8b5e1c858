import { describe, expect, test } from 'vitest';
import {
  type EntryForm,
  faultOf,
  firstForm,
  formFromHash,
  hashForAnother,
  roomLabel,
  roomOf,
} from './entry-form.ts';

const first = () => 0;
const form = (changes: Partial<EntryForm> = {}): EntryForm => ({ ...formFromHash('', first), ...changes });

describe('the form', () => {
  test('opens complete: a name, room 123 by number, a ticket for everything', () => {
    expect(form()).toMatchObject({ name: 'ada', roomKind: 'number', room: '123', permissions: 255 });
    expect(faultOf(form())).toBeUndefined();
  });

  test('takes name, room, kind and scene from the address, and nothing else', () => {
    const hash = '#name=noor&room=big%20hall&kind=text&scene=live&permissions=1&userSig=x';
    const opened = formFromHash(hash, first);
    expect(opened).toEqual(form({ name: 'noor', room: 'big hall', roomKind: 'text', scene: 'live' }));
  });

  test('shrugs off an address that makes no sense', () => {
    expect(formFromHash('#kind=9&scene=&room=&%%%', first)).toEqual(form());
  });

  test('is the one that the tab kept, whatever the address says', () => {
    const kept = form({ name: 'yara', room: '7', permissions: 170, withCamera: false });
    expect(firstForm(kept, '#name=noor&room=8', first)).toEqual(kept);
  });

  test.each([null, undefined, 'x', {}, { ...form(), permissions: '170' }])(
    'is the one of the address where the tab kept %j',
    (kept) => {
      expect(firstForm(kept, '#name=noor', first)).toEqual(form({ name: 'noor' }));
    },
  );

  test.each(['', 'zoë', 'a b', 'x'.repeat(33)])('does not take the name %j', (name) => {
    expect(faultOf(form({ name }))).toMatchObject({ field: 'name', refusal: { cause: 'userIdIllegal' } });
  });

  test.each([
    ['number', '', 'roomIdMissing'],
    ['number', '0', 'roomIdIllegal'],
    ['number', '12a', 'roomIdIllegal'],
    ['number', '1e3', 'roomIdIllegal'],
    ['number', ' 7', 'roomIdIllegal'],
    ['number', '4294967295', 'roomIdIllegal'],
    ['text', '', 'roomIdMissing'],
    ['text', 'café', 'strRoomIdIllegal'],
    ['text', 'x'.repeat(65), 'strRoomIdIllegal'],
  ] as const)('does not take the %s %j as a room', (roomKind, room, cause) => {
    expect(faultOf(form({ roomKind, room }))).toMatchObject({ field: 'room', refusal: { cause } });
  });

  test('the number 123 and the text "123" are two rooms, and look it', () => {
    const [number, text] = [form({ roomKind: 'number' }), form({ roomKind: 'text' })];
    expect([roomOf(number), roomOf(text)]).toEqual([{ roomId: 123 }, { strRoomId: '123' }]);
    expect([roomLabel(number), roomLabel(text)]).toEqual(['room 123', 'room “123”']);
  });
});

describe('the address for somebody else', () => {
  const mine = form({ name: 'ada', room: 'a&b #1', roomKind: 'text', scene: 'live' });

  test('opens the same room under another name', () => {
    const opened = formFromHash(hashForAnother(mine, [], first), first);
    expect(opened).toMatchObject({ room: 'a&b #1', roomKind: 'text', scene: 'live' });
    expect(opened.name).not.toBe('ada');
    expect(faultOf(opened)).toBeUndefined();
  });

  test('never gives a name that is taken, however many are', () => {
    const taken: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      const { name } = formFromHash(hashForAnother(mine, taken, Math.random), first);
      expect([...taken, 'ada']).not.toContain(name);
      expect(faultOf(form({ name }))).toBeUndefined();
      taken.push(name);
    }
  });
});
