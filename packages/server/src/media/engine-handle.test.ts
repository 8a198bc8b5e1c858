import { EventEmitter } from 'node:events';
import { ServiceError } from '@roomkey/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
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
  const at = {
    asked: 0,
    ended: 0,
    failed: 0,
    works: true,
    unclosed: [] as unknown[],
    closing: [] as number[],
  };
  const failed = async () => {
    at.failed++;
    return at.works;
  };
  const handle = new EngineHandle<Thing>({
    parents,
    watch: {
      failed,
      unclosed: (error) => at.unclosed.push(error),
      closing: (objects) => at.closing.push(objects),
    },
    open: () => {
      at.asked++;
      return promise;
    },
    onEnd: () => at.ended++,
  });
  return { handle, answer, fail, at };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const unavailable = { code: 'mediaUnavailable' };

test('the object is there once the engine has answered', async () => {
  const { handle, answer } = opening();
  const itself = async (thing: Thing) => thing;
  expect(await handle.askIfOpen(itself)).toBeUndefined();
  const thing = new Thing();
  answer(thing);
  expect(await handle.ask(itself)).toBe(thing);
  expect(await handle.askIfOpen(itself)).toBe(thing);
  handle.end();
  expect(await handle.askIfOpen(itself)).toBeUndefined();
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
  expect(child.at).toMatchObject({ asked: 0, ended: 1, failed: 0 });
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

test('everything that the engine fails at is told, but not what was never asked of it', async () => {
  const { handle, answer, at } = opening();
  answer(new Thing());
  const refused = new TypeError('no');
  for (const question of [async () => Promise.reject(refused), () => raise(refused)]) {
    await expect(handle.ask(question)).rejects.toBe(refused);
    await expect(handle.askIfOpen(question)).rejects.toBe(refused);
  }
  expect(at.failed).toBe(4);
  await expect(handle.ask(() => raise(new ServiceError('mediaUnavailable')))).rejects.toThrow();
  expect(at.failed).toBe(4);

  const never = opening();
  never.fail(refused);
  await expect(never.handle.engine()).rejects.toBe(refused);
  expect(never.at.failed).toBe(1);
});

test('who asks an engine that can be asked nothing any more is not told that it made a mistake', async () => {
  const { handle, answer, at } = opening();
  answer(new Thing());
  at.works = false;
  const cause = new TypeError('object serialization must not be nested');
  await expect(handle.ask(() => raise(cause))).rejects.toMatchObject({ ...unavailable, cause });
});

test('a closing that the engine throws at has ended, and is told', async () => {
  const { handle, answer, at } = opening();
  const thing = new Thing();
  const thrown = new TypeError('object serialization must not be nested');
  thing.close = () => raise(thrown);
  answer(thing);
  await handle.engine();
  handle.end();
  expect(at).toMatchObject({ ended: 1, unclosed: [thrown] });

  const late = opening();
  late.handle.end();
  late.answer(thing);
  await settle();
  expect(late.at.unclosed).toEqual([thrown]);
});

function raise(error: Error): never {
  throw error;
}

test('a closing says how many objects go with it', async () => {
  const parent = opening();
  parent.answer(new Thing());
  const children = [opening([parent.handle]), opening([parent.handle])];
  for (const { answer } of children) answer(new Thing());
  opening([children[0]?.handle ?? parent.handle]).answer(new Thing());
  await settle();
  children[1]?.handle.end();
  parent.handle.end();
  expect(children[1]?.at.closing).toEqual([1]);
  expect(parent.at.closing).toEqual([3]);
  expect(children[0]?.at.closing).toEqual([]);
});

test('what is to be done after a time is not done when the object, or its parent, has ended by then, and leaves no timer', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const parent = opening();
  const child = opening([parent.handle]);
  const done: string[] = [];
  parent.handle.after(1000, () => done.push('in time'));
  parent.handle.after(1000, () => done.push('undone'))();
  await vi.advanceTimersByTimeAsync(1001);
  expect(done).toEqual(['in time']);
  for (const { handle } of [parent, child]) handle.after(1000, () => done.push('too late'));
  expect(vi.getTimerCount()).toBe(2);
  parent.handle.end();
  child.handle.after(1000, () => done.push('begun too late'));
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(5000);
  expect(done).toEqual(['in time']);
});
