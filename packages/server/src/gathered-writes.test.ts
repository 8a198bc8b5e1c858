import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatherWrites } from './gathered-writes.ts';

/** A stream that notes each write of several chunks as one text. */
function noting(): { stream: Writable; writes: string[] } {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      writes.push(chunk);
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => chunk).join('+'));
      done();
    },
  });
  gatherWrites(stream);
  return { stream, writes };
}

test('what is written in one turn is one write, in its order', async () => {
  const { stream, writes } = noting();
  stream.write('a');
  stream.write('b');
  expect(writes).toEqual([]);
  await nextTurn();
  expect(writes).toEqual(['a+b']);
});

test('what promises of the turn write later belongs to it', async () => {
  const { stream, writes } = noting();
  const writeLater = async () => {
    for (const text of ['b', 'c', 'd']) {
      await undefined;
      stream.write(text);
    }
  };
  stream.write('a');
  void writeLater();
  await nextTurn();
  expect(writes).toEqual(['a+b+c+d']);
});

test('nothing waits for another turn', async () => {
  const { stream, writes } = noting();
  let seen: string[] = [];
  const other = nextTurn().then(() => {
    seen = [...writes];
  });
  stream.write('a');
  stream.write('b');
  await other;
  expect(seen).toEqual(['a+b']);
  stream.write('c');
  await nextTurn();
  expect(writes).toEqual(['a+b', 'c']);
});

test('what was written before the end goes out with it, and before', async () => {
  const { stream, writes } = noting();
  stream.write('a');
  stream.end('b');
  expect(writes.join('+')).toBe('a+b');
  await nextTurn();
  expect(stream.writableFinished).toBe(true);
});

test('a stream that is destroyed within the turn ends without an error', async () => {
  const { stream, writes } = noting();
  stream.write('a');
  stream.destroy();
  await nextTurn();
  expect(writes).toEqual([]);
  expect(stream.errored).toBeNull();
});
