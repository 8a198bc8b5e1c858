import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { EngineHandle } from './engine-handle.ts';

/** An object of the engine, as far as a handle sees it. */
class Thing {
  readonly observer = new EventEmitter();
  closed = false;
  close(): void {
    this.closed = true;
    this.observer.emit('close');
  }
}

/** An opening that is answered by hand. */
function opening(parents: EngineHandle<Thing>[] = []) {
  let answer: (thing: Thing) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<Thing>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  const at = { asked: 0, ended: 0 };
  const handle = new EngineHandle<Thing>(
    parents,
    () => {
      at.asked++;
      return promise;
    },
    () => at.ended++,
  );
  return { handle, answer, fail, at };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const unavailable = { code: 'mediaUnavailable' };

test('the object is there once the engine has answered', async () => {
  const { handle, answer } = opening();
  expect(handle.object).toBeUndefined();
  const thing = new Thing();
  answer(thing);
  expect(await handle.engine()).toBe(thing);
  expect(handle.object).toBe(thing);
});

test('an answer that comes after the end is closed, and whoever waited is refused', async () => {
  const { handle, answer, at } = opening();
  const waiting = handle.engine();
  handle.end();
  const late = new Thing();
  answer(late);
  await expect(waiting).rejects.toMatchObject(unavailable);
  expect(late.closed).toBe(true);
  expect(at.ended).toBe(1);
});

test('ending twice ends once', async () => {
  const { handle, answer, at } = opening();
  answer(new Thing());
  await handle.engine();
  handle.end();
  handle.end();
  expect(at.ended).toBe(1);
});

test('what the engine closes by itself has ended', async () => {
  const { handle, answer, at } = opening();
  const thing = new Thing();
  answer(thing);
  await handle.engine();
  thing.close();
  expect(handle.ended).toBe(true);
  expect(at.ended).toBe(1);
  await expect(handle.engine()).rejects.toMatchObject(unavailable);
});

test('a failed opening has ended and tells why', async () => {
  const { handle, fail, at } = opening();
  fail(new TypeError('no'));
  await expect(handle.engine()).rejects.toThrow(TypeError);
  expect(handle.ended).toBe(true);
  expect(at.ended).toBe(1);
});

test('a child is asked for only when its parents are open', async () => {
  const parent = opening();
  const child = opening([parent.handle]);
  await settle();
  expect(child.at.asked).toBe(0);
  parent.answer(new Thing());
  await settle();
  expect(child.at.asked).toBe(1);
});

test('a child of a parent that fails fails with it and is never asked for', async () => {
  const parent = opening();
  const child = opening([parent.handle]);
  parent.fail(new TypeError('no'));
  await expect(child.handle.engine()).rejects.toThrow();
  expect(child.at).toEqual({ asked: 0, ended: 1 });
});

test('a child that is being opened while one of its parents ends closes itself', async () => {
  const [transport, track] = [opening(), opening()];
  transport.answer(new Thing());
  track.answer(new Thing());
  const child = opening([transport.handle, track.handle]);
  await settle();
  track.handle.end();
  expect(child.handle.ended).toBe(true);
  const late = new Thing();
  child.answer(late);
  await expect(child.handle.engine()).rejects.toMatchObject(unavailable);
  expect(late.closed).toBe(true);
  expect(child.at.ended).toBe(1);
});
