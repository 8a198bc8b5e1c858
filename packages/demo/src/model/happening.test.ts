import { describe, expect, test } from 'vitest';
import { formFromHash } from './entry-form.ts';
import { type Happening, next, removalRefusal } from './happening.ts';
import { refusalOf } from './refusal.ts';
import type { InRoom, State } from './state.ts';

const form = formFromHash('#name=ada', () => 0);
const door: State = { at: 'door', form, refusal: undefined };
const explanation = { effective: 255, cleared: [] };
const refusal = refusalOf('roomFull');

const after = (...happenings: readonly Happening[]): State => happenings.reduce(next, door);

function inside(...happenings: readonly Happening[]): InRoom {
  const state = after({ type: 'entering' }, { type: 'inside', explanation }, ...happenings);
  if (state.at !== 'room') throw new Error(`at ${state.at}`);
  return state;
}

describe('on the way in', () => {
  test('a good entry leads into an empty room with everything off', () => {
    expect(inside()).toEqual({
      at: 'room',
      form,
      connection: 'connected',
      explanation,
      people: [],
      devices: { microphone: 'off', camera: 'off', screen: 'off' },
      refusals: [],
      wish: form.permissions,
      asking: undefined,
      deadline: undefined,
      silenced: false,
    });
  });

  test('a refused entry leads back to the door with the form as it was, and the reason', () => {
    expect(after({ type: 'entering' }, { type: 'entryRefused', refusal })).toEqual({
      at: 'door',
      form,
      refusal,
    });
  });

  test('the reason goes when the form is changed', () => {
    const changed = { ...form, permissions: 3 };
    const refused = after({ type: 'entering' }, { type: 'entryRefused', refusal });
    expect(next(refused, { type: 'formChanged', form: changed })).toEqual({ ...door, form: changed });
  });

  test('the form cannot be changed while it is being sent', () => {
    const entering = after({ type: 'entering' });
    expect(next(entering, { type: 'formChanged', form: { ...form, name: 'bo' } })).toBe(entering);
  });
});

describe('in the room', () => {
  test('the others come and go, and what they send is kept apart', () => {
    const { people } = inside(
      { type: 'personEntered', userId: 'bo' },
      { type: 'personEntered', userId: 'cy' },
      { type: 'sound', userId: 'bo', audible: true },
      { type: 'picture', userId: 'bo', stream: 'sub', watching: { at: 'available' } },
      { type: 'picture', userId: 'cy', stream: 'main', watching: { at: 'refused', refusal } },
      { type: 'personEntered', userId: 'di' },
      { type: 'personLeft', userId: 'di' },
    );
    expect(people).toEqual([
      { userId: 'bo', audible: true, main: { at: 'none' }, sub: { at: 'available' } },
      { userId: 'cy', audible: false, main: { at: 'refused', refusal }, sub: { at: 'none' } },
    ]);
  });

  test('who is announced twice is there once', () => {
    const twice = inside({ type: 'personEntered', userId: 'bo' }, { type: 'personEntered', userId: 'bo' });
    expect(twice.people).toHaveLength(1);
  });

  test('a lost connection keeps the room, and coming back brings the permissions of then', () => {
    const lost = inside(
      { type: 'personEntered', userId: 'bo' },
      { type: 'device', device: 'camera', state: 'on' },
      { type: 'reconnecting' },
    );
    expect(lost.connection).toBe('reconnecting');
    const fewer = { effective: 3, cleared: [] };
    expect(next(lost, { type: 'inside', explanation: fewer })).toEqual({
      ...lost,
      connection: 'connected',
      explanation: fewer,
    });
  });

  test('a refusal stands until it is read, and the others stay', () => {
    const other = refusalOf('slotTaken');
    const refused = inside({ type: 'refused', refusal }, { type: 'refused', refusal: other });
    expect(refused.refusals).toEqual([other, refusal]);
    expect(next(refused, { type: 'refusalRead', refusal: other })).toMatchObject({ refusals: [refusal] });
  });

  test('a refusal by permission comes with advice that fits the room', () => {
    const cleared = [
      {
        permission: 'sendAudio',
        operand: 'role',
        cause: 'live:audience',
        actor: { type: 'user', id: 'ana' } as const,
        since: 0,
      },
    ];
    const deaf = inside({ type: 'inside', explanation: { effective: 170, cleared } });
    const refused = next(deaf, { type: 'refused', refusal: refusalOf('sendAudioDenied') });
    expect(refused).toMatchObject({ refusals: [{ sentence: expect.stringContaining('Become an anchor.') }] });
  });

  test('a refusal for want of a permission goes when the permission comes, and no other', () => {
    const deaf = { effective: 255 - 8, cleared: [] };
    const refused = inside(
      { type: 'explained', explanation: deaf },
      { type: 'refused', refusal: refusalOf('recvAudioDenied') },
      { type: 'refused', refusal },
    );
    expect(refused.explanation).toBe(deaf);
    expect(next(refused, { type: 'explained', explanation })).toMatchObject({
      explanation,
      refusals: [refusal],
    });
  });

  test('a track is closed before the permissions are known, and its advice follows them', () => {
    const closed = inside({ type: 'refused', refusal: refusalOf('sendAudioDenied') });
    const mute = {
      effective: 251,
      cleared: [
        {
          permission: 'sendAudio',
          operand: 'held',
          cause: 'key',
          actor: { type: 'user', id: 'ana' } as const,
          since: 0,
        },
      ],
    };
    const told = { type: 'explained', explanation: mute } as const;
    const { refusals } = next(closed, told) as InRoom;
    expect(refusals[0]?.sentence).toContain('press “Update ticket”');
    expect(next(next(closed, told), told)).toMatchObject({ refusals });
  });

  test('a new ticket ends the wait for one, and the form remembers its bits and the role', () => {
    const needed = inside(
      { type: 'ticketNeeded', deadline: { why: 'expires', at: 7 } },
      { type: 'wished', permissions: 170 },
      { type: 'asking', asking: 'ticket' },
    );
    expect(needed).toMatchObject({ wish: 170, asking: 'ticket', deadline: { at: 7 }, form });
    const taken: readonly Happening[] = [
      { type: 'ticketTaken', permissions: 170 },
      { type: 'roleTaken', role: 'audience' },
      { type: 'asking', asking: undefined },
    ];
    expect(taken.reduce(next, needed)).toMatchObject({
      wish: 170,
      asking: undefined,
      deadline: undefined,
      form: { ...form, permissions: 170, role: 'audience' },
    });
  });

  test('silence before the first click is remembered and ends', () => {
    expect(inside({ type: 'silenced', silenced: true }).silenced).toBe(true);
    const heard = inside({ type: 'silenced', silenced: true }, { type: 'silenced', silenced: false });
    expect(heard.silenced).toBe(false);
  });

  test('who is put out stands at the door and reads why', () => {
    const out = next(inside(), { type: 'left', refusal: removalRefusal('kick') });
    expect(out).toEqual({ at: 'door', form, refusal: refusalOf('enteredElsewhere') });
  });

  test('who leaves stands at the door without a reason', () => {
    expect(next(inside(), { type: 'left' })).toEqual(door);
  });
});

test('what happens to a room that was left changes nothing', () => {
  const late: readonly Happening[] = [
    { type: 'inside', explanation },
    { type: 'left', refusal },
    { type: 'reconnecting' },
    { type: 'personEntered', userId: 'bo' },
    { type: 'device', device: 'camera', state: 'off' },
    { type: 'refused', refusal },
  ];
  for (const happening of late) expect(next(door, happening)).toBe(door);
});

test('who is put out because of a ticket reads what is wrong with it', () => {
  expect(removalRefusal('banned', 'privateMapKeyExpired')).toEqual({
    title: 'You were put out: the key does not fit',
    sentence: refusalOf('privateMapKeyExpired').sentence,
    cause: 'privateMapKeyExpired',
  });
});

test('every reason for being put out has words of its own, an unknown one too', () => {
  const said = ['kick', 'banned', 'room_disband', 'someday'].map((reason) => removalRefusal(reason).sentence);
  expect(new Set(said).size).toBe(4);
  for (const sentence of said) expect(sentence).toMatch(/^[A-Z].*\.$/);
});
