import { describe, expect, test } from 'vitest';
import { formFromHash } from './entry-form.ts';
import { refusalOf } from './refusal.ts';
import type { InRoom } from './state.ts';
import { invitesOnStage, layoutOf, tilesOf } from './tile.ts';

const refusal = refusalOf('recvVideoDenied');

const room = (changes: Partial<InRoom> = {}): InRoom => ({
  at: 'room',
  form: formFromHash('#name=ada', () => 0),
  connection: 'connected',
  explanation: { effective: 255, cleared: [] },
  people: [],
  devices: { microphone: 'off', camera: 'off', screen: 'off' },
  refusals: [],
  wish: 255,
  asking: undefined,
  deadline: undefined,
  silenced: false,
  ...changes,
});

const bo = { userId: 'bo', audible: true, main: { at: 'available' }, sub: { at: 'none' } } as const;

describe('the tiles', () => {
  test('the visitor has one, alone too, with a picture as soon as the camera opens', () => {
    expect(tilesOf(room())).toMatchObject([{ userId: '', label: 'ada (you)', picture: false, sound: 'off' }]);
    const devices = { microphone: 'muted', camera: 'starting', screen: 'off' } as const;
    expect(tilesOf(room({ devices }))).toMatchObject([{ picture: true, sound: 'off' }]);
  });

  test('a picture whose permission went says so, and is back with it', () => {
    const people = [{ ...bo, sub: { at: 'available' } }] as const;
    const explanation = { effective: 255 - 32, cleared: [] };
    expect(tilesOf(room({ people, explanation }))).toMatchObject([
      { key: 'sub:bo', picture: true, refusal: undefined },
      { key: 'main:bo', picture: false, refusal: { cause: 'recvVideoDenied' } },
      {},
    ]);
  });

  test('shared screens come first, the visitor last', () => {
    const people = [bo, { ...bo, userId: 'cy', sub: { at: 'available' } }] as const;
    const devices = { microphone: 'on', camera: 'on', screen: 'on' } as const;
    expect(tilesOf(room({ people, devices })).map(({ label }) => label)).toEqual([
      'cy’s screen',
      'Your screen',
      'bo',
      'cy',
      'ada (you)',
    ]);
  });

  test('sound that the visitor may not hear is marked as such, silence is not', () => {
    const people = [bo, { ...bo, userId: 'cy', audible: false }];
    const deaf = room({ people, explanation: { effective: 247, cleared: [] } });
    expect(tilesOf(deaf).map(({ sound }) => sound)).toEqual(['unheard', 'off', 'off']);
    expect(tilesOf(room({ people })).map(({ sound }) => sound)).toEqual(['on', 'off', 'off']);
  });

  test('a picture that was refused shows the refusal in its place', () => {
    const people = [{ ...bo, main: { at: 'refused', refusal } }] as const;
    expect(tilesOf(room({ people }))[0]).toMatchObject({ picture: false, refusal });
  });

  test('while the connection is lost, the others have no picture and the visitor has', () => {
    const devices = { microphone: 'off', camera: 'on', screen: 'off' } as const;
    const lost = room({ people: [bo], devices, connection: 'reconnecting' });
    expect(tilesOf(lost).map(({ picture }) => picture)).toEqual([false, true]);
  });

  test('no two have the same key, whatever the others are called', () => {
    const people = ['', 'sub', 'main', 'a:b'].map((userId) => ({
      ...bo,
      userId: `x${userId}`,
      sub: { at: 'available' } as const,
    }));
    const keys = tilesOf(room({ people })).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the stage', () => {
  test('invites while the visitor is alone and shares no screen', () => {
    expect(invitesOnStage(room())).toBe(true);
    expect(invitesOnStage(room({ people: [bo] }))).toBe(false);
    const devices = { microphone: 'off', camera: 'off', screen: 'on' } as const;
    expect(invitesOnStage(room({ devices }))).toBe(false);
  });

  const cameras = (count: number) => Array.from({ length: count }, () => ({ stream: 'main' as const }));

  test.each([
    [1, 0, 1, 1],
    [1, 1, 2, 1],
    [2, 0, 2, 1],
    [3, 0, 2, 2],
    [4, 0, 2, 2],
    [5, 0, 3, 2],
    [9, 0, 3, 3],
    [10, 0, 4, 3],
  ])('has room for %i cameras and %i more in %i columns and %i rows', (count, guests, columns, rows) => {
    expect(layoutOf(cameras(count), guests)).toEqual({ screens: 0, columns, rows });
  });

  test('puts the cameras into one row under a shared screen', () => {
    expect(layoutOf([{ stream: 'sub' }, ...cameras(5)], 0)).toEqual({ screens: 1, columns: 5, rows: 1 });
  });
});
