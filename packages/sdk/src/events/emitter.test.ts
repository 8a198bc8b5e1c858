import { expect, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';

test('a listener hears its event with its context until it is taken off', () => {
  const emitter = new Emitter();
  const heard: unknown[] = [];
  const context = { name: 'context' };
  function hear(this: unknown, payload: unknown) {
    heard.push(this, payload);
  }
  emitter.on('remote-user-enter', hear, context);
  emitter.emit('remote-user-enter', { userId: 'bob' });
  emitter.emit('screen-share-stopped');
  expect(heard).toEqual([context, { userId: 'bob' }]);
  emitter.off('remote-user-enter', hear, { name: 'another' });
  emitter.emit('remote-user-enter', { userId: 'eve' });
  expect(heard).toHaveLength(4);
  emitter.off('remote-user-enter', hear, context);
  emitter.emit('remote-user-enter', { userId: 'eve' });
  expect(heard).toHaveLength(4);
});

test('the star hears everything with its name, and taking the star off ends all listening', () => {
  const emitter = new Emitter();
  const all = vi.fn();
  const one = vi.fn();
  emitter.on('*', all);
  emitter.on('screen-share-stopped', one);
  emitter.emit('screen-share-stopped');
  emitter.emit('remote-user-enter', { userId: 'bob' });
  expect(all.mock.calls).toEqual([['screen-share-stopped'], ['remote-user-enter', { userId: 'bob' }]]);
  emitter.off('*', all);
  emitter.emit('screen-share-stopped');
  expect(one).toHaveBeenCalledTimes(2);
  emitter.off('*');
  emitter.emit('screen-share-stopped');
  expect(one).toHaveBeenCalledTimes(2);
});

test('a listener that throws is reported as uncaught and keeps nobody else from hearing', async () => {
  const emitter = new Emitter();
  const heard = vi.fn();
  const uncaught = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
  emitter.on('screen-share-stopped', () => {
    throw new Error('of the page');
  });
  emitter.on('screen-share-stopped', heard);
  emitter.emit('screen-share-stopped');
  expect(heard).toHaveBeenCalledOnce();
  expect(uncaught.mock.calls[0]?.[0]).toThrow('of the page');
  uncaught.mockRestore();
});

test('a listener may end its own listening while it hears', () => {
  const emitter = new Emitter();
  const later = vi.fn();
  const once = () => emitter.off('screen-share-stopped', once);
  emitter.on('screen-share-stopped', once);
  emitter.on('screen-share-stopped', later);
  emitter.emit('screen-share-stopped');
  expect(later).toHaveBeenCalledOnce();
});

test('a name that is never raised is an error, not silence', () => {
  const emitter = new Emitter();
  expect(() => emitter.on(undefined as never, () => {})).toThrow(
    expect.objectContaining({ extraCode: 5005 }),
  );
  expect(() => emitter.on('statistics' as never, () => {})).toThrow(/no event "statistics"/);
  expect(() => emitter.on('error', undefined as never)).toThrow(expect.objectContaining({ extraCode: 5002 }));
});
