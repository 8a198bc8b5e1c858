import { FakeApplicationStore, FakeClock, FakeJournal, storedApplication } from '@roomkey/testkit';
import { operatorActor } from '@roomkey/tickets/permissions';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { StoreError } from '../ports/index.ts';
import type { ApplicationChange } from './application-change.ts';
import { ApplicationDirectory } from './directory.ts';
import { DEMO_SDK_APP_ID, MAX_KEYS, MAX_ROOM_CONTROLS } from './rules.ts';

const ACTOR = operatorActor('a test');
const [alice, bob, carol] = [operatorActor('alice'), operatorActor('bob'), operatorActor('carol')];
const SECRET = 'f'.repeat(64);

let store: FakeApplicationStore;
let journal: FakeJournal;
let directory: ApplicationDirectory;
const clock = new FakeClock(1_800_000_000_000);

beforeEach(async () => {
  store = new FakeApplicationStore();
  journal = new FakeJournal();
  directory = await ApplicationDirectory.open(store, clock, journal);
});

const created = async (sdkAppId = 7) =>
  directory.create(ACTOR, { sdkAppId, settings: { name: 'seven' }, secret: SECRET });

/** What a new process would see. */
const reopened = () => ApplicationDirectory.open(store, clock, new FakeJournal());

describe('a new application', () => {
  test('is closed without a key, and has one active key', async () => {
    const { application, key } = await directory.create(ACTOR, { settings: { name: ' shop ' } });
    expect(application).toMatchObject({
      createdAt: 1_800_000_000_000,
      settings: {
        name: 'shop',
        permissionControl: 'enforce',
        expiryPolicy: 'keep',
        staleKeyPolicy: 'remove',
      },
      keys: [{ keyId: 'k1', state: 'active', createdAt: 1_800_000_000_000 }],
      roomControls: 0,
    });
    expect(key.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(directory.find(application.sdkAppId)?.keys[0]?.secret).toBe(key.secret);
  });

  test('gets a number and a secret of its own', async () => {
    const made = await Promise.all([1, 2, 3].map(() => directory.create(ACTOR, {})));
    expect(new Set(made.map(({ application }) => application.sdkAppId)).size).toBe(3);
    expect(new Set(made.map(({ key }) => key.secret)).size).toBe(3);
  });

  test('takes over a secret key from elsewhere without repeating it', async () => {
    const answer = await created();
    expect(answer.key).toEqual({ keyId: 'k1' });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(directory.find(7)?.keys).toMatchObject([{ secret: SECRET, state: 'active' }]);
  });

  test('is there for the next process', async () => {
    await created();
    expect((await reopened()).find(7)).toEqual(directory.find(7));
  });

  test('cannot have the number of another one', async () => {
    await created();
    await expect(created()).rejects.toMatchObject({ code: 'applicationExists' });
  });

  test.each([0, -1, 1.5, 2 ** 32, Number.NaN])('cannot have the number %d', async (sdkAppId) => {
    await expect(created(sdkAppId)).rejects.toMatchObject({ code: 'settingInvalid' });
  });

  test.each(['short', `${SECRET} `, 'ä'.repeat(64), 'x'.repeat(257)])(
    'cannot have the secret %j',
    async (secret) => {
      const refusal = await directory.create(ACTOR, { sdkAppId: 7, secret }).catch((error) => error);
      expect(refusal).toMatchObject({ code: 'settingInvalid' });
      expect(refusal.message).not.toContain(secret);
      expect(directory.find(7)).toBeUndefined();
    },
  );
});

describe('the application of the demo page', () => {
  test('is made once, and enforces', async () => {
    await directory.ensureDemo(ACTOR);
    const before = directory.find(DEMO_SDK_APP_ID);
    await directory.ensureDemo(ACTOR);
    expect(directory.find(DEMO_SDK_APP_ID)).toBe(before);
    expect(before).toMatchObject({ name: 'demo', permissionControl: 'enforce' });
  });

  test('takes no key that is used elsewhere', async () => {
    await directory.ensureDemo(ACTOR);
    await expect(directory.addKey(ACTOR, DEMO_SDK_APP_ID, SECRET)).rejects.toMatchObject({
      code: 'settingInvalid',
    });
    await directory.addKey(ACTOR, DEMO_SDK_APP_ID);
  });

  test.each(['off', 'observe'] as const)('cannot be %s, nor can its rooms', async (control) => {
    await directory.ensureDemo(ACTOR);
    const says = { code: 'settingInvalid', message: expect.stringContaining('always enforces') };
    await expect(directory.set(ACTOR, DEMO_SDK_APP_ID, { permissionControl: control })).rejects.toMatchObject(
      says,
    );
    const room = directory.setRoomControl(ACTOR, DEMO_SDK_APP_ID, { roomId: 9 }, control);
    await expect(room).rejects.toMatchObject(says);
    await directory.setRoomControl(ACTOR, DEMO_SDK_APP_ID, { roomId: 9 }, 'enforce');
    await directory.set(ACTOR, DEMO_SDK_APP_ID, { maxRooms: 5 });
    expect(directory.find(DEMO_SDK_APP_ID)).toMatchObject({ permissionControl: 'enforce', maxRooms: 5 });
  });

  test('cannot be one that an operator made', async () => {
    await expect(created(DEMO_SDK_APP_ID)).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining('demo page'),
    });
  });
});

describe('settings', () => {
  test('change alone, at once and for good', async () => {
    await created();
    const before = directory.find(7);
    const view = await directory.set(ACTOR, 7, { permissionControl: 'observe', lingerSeconds: 30 });
    expect(view.settings).toMatchObject({ name: 'seven', permissionControl: 'observe', lingerSeconds: 30 });
    expect(directory.find(7)).toEqual({
      ...before,
      permissionControl: 'observe',
      lingerSeconds: 30,
      version: 2,
    });
    expect((await reopened()).find(7)).toEqual(directory.find(7));
  });

  test('that are undefined are not changed', async () => {
    await created();
    const view = await directory.set(ACTOR, 7, { name: undefined, maxRooms: 3 });
    expect(view.settings).toMatchObject({ name: 'seven', maxRooms: 3 });
  });

  test.each([
    { name: '' },
    { name: '   ' },
    { name: 'a\nb' },
    { name: 'x'.repeat(65) },
    { maxMembersPerRoom: 0 },
    { maxMembersPerRoom: 100_001 },
    { maxRooms: 0 },
    { maxRooms: 1.5 },
    { maxRooms: Number.POSITIVE_INFINITY },
    { lingerSeconds: -1 },
    { lingerSeconds: Number.NaN },
    { lingerSeconds: 86_401 },
    { graceSeconds: -1 },
  ])('refuse %j and name it', async (settings) => {
    await created();
    const before = directory.get(7);
    await expect(directory.set(ACTOR, 7, settings)).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining(Object.keys(settings)[0] ?? ''),
    });
    await expect(directory.create(ACTOR, { sdkAppId: 8, settings })).rejects.toMatchObject({
      code: 'settingInvalid',
    });
    expect(directory.get(7)).toEqual(before);
  });
});

describe('keys', () => {
  test('are added as active, the secret told once', async () => {
    await created();
    const { application, key } = await directory.addKey(ACTOR, 7);
    expect(key).toEqual({ keyId: 'k2', secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(application.keys.map(({ keyId, state }) => [keyId, state])).toEqual([
      ['k1', 'active'],
      ['k2', 'active'],
    ]);
    expect(JSON.stringify(directory.get(7))).not.toContain(key.secret);
    expect((await reopened()).find(7)?.keys[1]?.secret).toBe(key.secret);
  });

  test('cannot hold a secret twice, not even a compromised one', async () => {
    await created();
    await directory.setKeyState(ACTOR, 7, 'k1', 'compromised');
    await expect(directory.addKey(ACTOR, 7, SECRET)).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining('k1'),
    });
  });

  test('are limited in number', async () => {
    await created();
    for (let keys = 1; keys < MAX_KEYS; keys++) await directory.addKey(ACTOR, 7);
    await expect(directory.addKey(ACTOR, 7)).rejects.toMatchObject({ code: 'settingInvalid' });
  });

  test('can be retired and taken back', async () => {
    await created();
    await directory.setKeyState(ACTOR, 7, 'k1', 'retired');
    expect((await reopened()).find(7)?.keys[0]?.state).toBe('retired');
    await directory.setKeyState(ACTOR, 7, 'k1', 'active');
    expect(directory.find(7)?.keys[0]?.state).toBe('active');
  });

  test.each(['active', 'retired'] as const)('cannot come back from compromised to %s', async (state) => {
    await created();
    await directory.setKeyState(ACTOR, 7, 'k1', 'compromised');
    await directory.setKeyState(ACTOR, 7, 'k1', 'compromised');
    await expect(directory.setKeyState(ACTOR, 7, 'k1', state)).rejects.toMatchObject({
      code: 'settingInvalid',
    });
  });

  test('that are unknown are named so', async () => {
    await created();
    await expect(directory.setKeyState(ACTOR, 7, 'k2', 'retired')).rejects.toMatchObject({
      code: 'keyUnknown',
    });
  });
});

describe('the permission control of a room', () => {
  test('is its own until it is cleared; 123 and "123" are two rooms', async () => {
    await created();
    await directory.setRoomControl(ACTOR, 7, { roomId: 123 }, 'off');
    await directory.setRoomControl(ACTOR, 7, { strRoomId: '123' }, 'observe');
    await directory.setRoomControl(ACTOR, 7, { roomId: 123 }, 'enforce');
    expect([...(directory.find(7)?.roomControls ?? [])]).toEqual([
      ['n:123', 'enforce'],
      ['s:123', 'observe'],
    ]);
    expect((await directory.clearRoomControl(ACTOR, 7, { roomId: 123 })).roomControls).toBe(1);
    await directory.clearRoomControl(ACTOR, 7, { roomId: 123 });
    expect((await reopened()).find(7)?.roomControls).toEqual(new Map([['s:123', 'observe']]));
  });

  test.each([
    [{ roomId: 0 }, 'roomIdIllegal'],
    [{ roomId: 2 ** 32 - 1 }, 'roomIdIllegal'],
    [{ strRoomId: '' }, 'strRoomIdIllegal'],
    [{ strRoomId: 'x'.repeat(65) }, 'strRoomIdIllegal'],
  ])('is not kept for %j', async (room, code) => {
    await created();
    await expect(directory.setRoomControl(ACTOR, 7, room, 'off')).rejects.toMatchObject({ code });
    await expect(directory.clearRoomControl(ACTOR, 7, room)).rejects.toMatchObject({ code });
  });

  test('is listed in pages', async () => {
    await created();
    for (const roomId of [5, 1, 3]) await directory.setRoomControl(ACTOR, 7, { roomId }, 'off');
    const first = directory.roomControls(7, { limit: 2 });
    expect(first.roomControls.map(({ room }) => room)).toEqual([{ roomId: 1 }, { roomId: 3 }]);
    const { next = '' } = first;
    const second = directory.roomControls(7, { after: next, limit: 2 });
    expect(second).toEqual({ roomControls: [{ room: { roomId: 5 }, permissionControl: 'off' }] });
  });

  test('is kept for a bounded number of rooms', async () => {
    const roomControls = new Map(
      Array.from({ length: MAX_ROOM_CONTROLS }, (_, index) => [`n:${index + 1}`, 'off'] as const),
    );
    await store.add(storedApplication({ sdkAppId: 7, roomControls }), []);
    directory = await reopened();
    await expect(directory.setRoomControl(ACTOR, 7, { roomId: 4_000_000 }, 'off')).rejects.toMatchObject({
      code: 'settingInvalid',
    });
    await directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'enforce');
  });
});

test('applications are listed in pages by their number', async () => {
  for (const sdkAppId of [30, 4, 200]) await created(sdkAppId);
  const first = directory.list({ limit: 2 });
  expect(first.applications.map(({ sdkAppId }) => sdkAppId)).toEqual([4, 30]);
  expect(first.next).toBe('30');
  const second = directory.list({ after: '30', limit: 2 });
  expect(second.applications.map(({ sdkAppId }) => sdkAppId)).toEqual([200]);
  expect(second.next).toBeUndefined();
  expect(JSON.stringify([first, second])).not.toContain(SECRET);
  expect(() => directory.list({ after: 'x', limit: 2 })).toThrow(/after must be/);
});

test('an unknown application is named so by every call', async () => {
  expect(() => directory.get(9)).toThrow(expect.objectContaining({ code: 'applicationUnknown' }));
  expect(() => directory.roomControls(9, { limit: 1 })).toThrow(/no application/);
  for (const call of [
    directory.set(ACTOR, 9, {}),
    directory.addKey(ACTOR, 9),
    directory.setKeyState(ACTOR, 9, 'k1', 'active'),
    directory.setRoomControl(ACTOR, 9, { roomId: 1 }, 'off'),
    directory.clearRoomControl(ACTOR, 9, { roomId: 1 }),
  ])
    await expect(call).rejects.toMatchObject({ code: 'applicationUnknown' });
});

describe('a change', () => {
  test('that the store refuses does not happen and is not told', async () => {
    await created();
    const before = directory.find(7);
    const heard: ApplicationChange[] = [];
    directory.onChange((change) => heard.push(change));
    store.failWith(new StoreError('full', 'The disk is full.'));
    for (const call of [
      () => directory.create(ACTOR, { sdkAppId: 8 }),
      () => directory.set(ACTOR, 7, { permissionControl: 'off' }),
      () => directory.addKey(ACTOR, 7),
      () => directory.setKeyState(ACTOR, 7, 'k1', 'retired'),
      () => directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'off'),
    ])
      await expect(call()).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('Nothing was changed'),
      });
    expect(directory.find(7)).toBe(before);
    expect(directory.find(8)).toBeUndefined();
    expect(heard).toEqual([]);
    store.failWith();
    await directory.set(ACTOR, 7, { permissionControl: 'off' });
    expect(directory.find(7)?.permissionControl).toBe('off');
  });

  test('is told with its actor after it is in force and durable', async () => {
    const heard: unknown[] = [];
    directory.onChange(({ actor, action, application }) => {
      expect(directory.find(application.sdkAppId)).toBe(application);
      heard.push([actor, action, application.sdkAppId]);
    });
    await created();
    await directory.set(alice, 7, { maxRooms: 2 });
    await directory.addKey(bob, 7);
    await directory.setKeyState(bob, 7, 'k1', 'retired');
    await directory.setRoomControl(carol, 7, { roomId: 1 }, 'off');
    await directory.clearRoomControl(carol, 7, { roomId: 1 });
    expect(heard).toEqual([
      [ACTOR, 'create', 7],
      [alice, 'set', 7],
      [bob, 'addKey', 7],
      [bob, 'setKeyState', 7],
      [carol, 'setRoomControl', 7],
      [carol, 'clearRoomControl', 7],
    ]);
  });

  test('is made although a listener throws, and not told to one that has left', async () => {
    const heard: string[] = [];
    directory.onChange(() => {
      throw new Error('deaf');
    });
    const leave = directory.onChange(({ action }) => heard.push(action));
    await created();
    leave();
    await directory.set(ACTOR, 7, { maxRooms: 2 });
    expect(heard).toEqual(['create']);
    expect(directory.find(7)?.maxRooms).toBe(2);
  });

  test('is answered when those who hear of it have done what they promise, and the next one does not wait for that', async () => {
    await created();
    const promised: (() => void)[] = [];
    directory.onChange(() => new Promise<void>((resolve) => promised.push(resolve)));
    const answered: string[] = [];
    const first = directory.set(ACTOR, 7, { maxRooms: 2 }).then(() => answered.push('first'));
    const second = directory.set(ACTOR, 7, { maxRooms: 3 }).then(() => answered.push('second'));
    await vi.waitFor(() => expect(promised).toHaveLength(2));
    expect([directory.find(7)?.maxRooms, answered]).toEqual([3, []]);
    promised[1]?.();
    await second;
    expect(answered).toEqual(['second']);
    promised[0]?.();
    await first;
  });

  test('never overwrites another one made at the same time', async () => {
    await created();
    await Promise.all([
      directory.set(ACTOR, 7, { maxRooms: 2 }),
      directory.addKey(ACTOR, 7),
      directory.set(ACTOR, 7, { lingerSeconds: 3 }),
      directory.addKey(ACTOR, 7),
      directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'off'),
    ]);
    const now = directory.find(7);
    expect(now).toMatchObject({ maxRooms: 2, lingerSeconds: 3 });
    expect(now?.keys.map(({ keyId }) => keyId)).toEqual(['k1', 'k2', 'k3']);
    expect(now?.roomControls.size).toBe(1);
    expect((await reopened()).find(7)).toEqual(now);
  });
});

describe('another process', () => {
  /** The applications as another process with the same store knows them. */
  let other: ApplicationDirectory;
  beforeEach(async () => {
    await created();
    other = await reopened();
  });

  test('that changed an application meanwhile keeps its change: both are there', async () => {
    await other.set(ACTOR, 7, { maxRooms: 2 });
    await directory.set(ACTOR, 7, { lingerSeconds: 3 });
    await other.setRoomControl(ACTOR, 7, { roomId: 1 }, 'off');
    await directory.setKeyState(ACTOR, 7, 'k1', 'retired');
    expect((await directory.addKey(ACTOR, 7)).key.keyId).toBe('k2');
    expect((await other.addKey(ACTOR, 7)).key.keyId).toBe('k3');
    const now = (await reopened()).find(7);
    expect(now).toMatchObject({ maxRooms: 2, lingerSeconds: 3, roomControls: new Map([['n:1', 'off']]) });
    expect(now?.keys.map(({ keyId, state }) => `${keyId} ${state}`)).toEqual([
      'k1 retired',
      'k2 active',
      'k3 active',
    ]);
    expect(other.find(7)).toEqual(now);
  });

  test('that made a change impossible refuses it, and its own change is in force and told', async () => {
    const heard: ApplicationChange[] = [];
    directory.onChange((change) => heard.push(change));
    await other.setKeyState(ACTOR, 7, 'k1', 'compromised');
    await expect(directory.setKeyState(ACTOR, 7, 'k1', 'retired')).rejects.toMatchObject({
      code: 'settingInvalid',
    });
    expect(directory.find(7)).toEqual(other.find(7));
    expect(heard).toMatchObject([
      { actor: { type: 'system' } as const, action: 'reload', application: { version: 2 } },
    ]);
  });

  test('that made an application with the same number is named, and the demo is made once', async () => {
    await other.create(ACTOR, { sdkAppId: 8 });
    await expect(created(8)).rejects.toMatchObject({ code: 'applicationExists' });
    expect(directory.find(8)).toEqual(other.find(8));
    await other.ensureDemo(ACTOR);
    await directory.ensureDemo(ACTOR);
    expect(directory.find(DEMO_SDK_APP_ID)).toEqual(other.find(DEMO_SDK_APP_ID));
  });

  test('that is faster every time ends in an error, and nothing is changed', async () => {
    let asked = 0;
    store.saveSettings = async () => {
      asked++;
      throw new StoreError('conflict', 'changed at the same time');
    };
    const before = directory.get(7);
    await expect(directory.set(ACTOR, 7, { maxRooms: 2 })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Nothing was changed'),
    });
    expect([asked, directory.get(7)]).toEqual([5, before]);
  });
});

describe('the record of a change', () => {
  test('is saved in one step with it', async () => {
    await created();
    await directory.set(ACTOR, 7, { permissionControl: 'off' });
    await directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'enforce');
    expect(store.records).toMatchObject([
      { kind: 'application', actor: ACTOR, sdkAppId: 7, cause: 'create', details: { keyId: 'k1' } },
      { cause: 'set', details: { permissionControl: 'off' } },
      { cause: 'setRoomControl', room: 'n:1', details: { permissionControl: 'enforce' } },
    ]);
    expect(journal.records).toEqual(store.records);
    expect(JSON.stringify(journal.records)).not.toContain(SECRET);
  });

  test.each([
    ['a key', () => directory.addKey(ACTOR, 7)],
    ['an active key', () => directory.setKeyState(ACTOR, 7, 'k1', 'active')],
    ['weaker permission control', () => directory.set(ACTOR, 7, { permissionControl: 'observe' })],
    ['a weaker policy', () => directory.set(ACTOR, 7, { expiryPolicy: 'keep', maxRooms: 1 })],
    ['more members', () => directory.set(ACTOR, 7, { maxMembersPerRoom: 5000 })],
    ['weaker control of a room', () => directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'off')],
    ['an application', () => directory.create(ACTOR, { sdkAppId: 8 })],
  ])('is on disk before %s is answered, and nothing changes while it cannot be', async (_what, change) => {
    await created();
    await directory.set(ACTOR, 7, { expiryPolicy: 'remove' });
    const before = await store.load();
    journal.full = true;
    await expect(change()).rejects.toMatchObject({ code: 'journalUnavailable' });
    expect(await store.load()).toEqual(before);
    journal.full = false;
    const keep = journal.hold();
    const answer = change();
    const first = await Promise.race([
      answer.then(() => 'answered'),
      new Promise((go) => setImmediate(go, 'waits')),
    ]);
    expect(first).toBe('waits');
    keep();
    await answer;
  });

  test.each([
    ['a retired key', () => directory.setKeyState(ACTOR, 7, 'k1', 'retired')],
    ['a compromised key', () => directory.setKeyState(ACTOR, 7, 'k1', 'compromised')],
    ['a stricter policy', () => directory.set(ACTOR, 7, { expiryPolicy: 'remove', maxRooms: 1 })],
    ['stricter control of a room', () => directory.setRoomControl(ACTOR, 7, { roomId: 1 }, 'enforce')],
    ['another name', () => directory.set(ACTOR, 7, { name: 'other' })],
  ])('does not hold up %s', async (_what, change) => {
    await created();
    journal.full = true;
    journal.hold();
    await change();
  });
});
