import { expect, test } from 'vitest';
import { ConnectionBook, type ConnectionBounds } from './connection-book.ts';

const bounds: ConnectionBounds = { total: 10, kept: 2, insidePerAddress: 4, outsidePerAddress: 2 };

function bookWith(given: Partial<ConnectionBounds> = {}) {
  const book = new ConnectionBook<string>({ ...bounds, ...given });
  /** Lets a connection come; returns the one that had to go, or that there was no room. */
  const come = (name: string, address: string): string | undefined => {
    if (!book.hasRoom()) return 'no room';
    const leaves = book.makeRoom(address);
    if (leaves) book.gone(leaves);
    book.came(name, address);
    return leaves;
  };
  const enter = (name: string, address: string) => {
    come(name, address);
    const full = book.fullFor(name);
    if (full) return full;
    book.enters(name);
    book.entered(name);
    return undefined;
  };
  return { book, come, enter };
}

test('one address puts out its own oldest connection that has not entered, and nobody else', () => {
  const { come } = bookWith();
  expect(come('honest', 'b')).toBeUndefined();
  const gone = Array.from({ length: 1000 }, (_, i) => come(`bad ${i}`, 'a'));
  expect(gone.slice(0, 2)).toEqual([undefined, undefined]);
  expect(gone.slice(2)).toEqual(Array.from({ length: 998 }, (_, i) => `bad ${i}`));
});

test('when all places are taken, the oldest that has not entered goes, of whatever address', () => {
  const { come, enter } = bookWith({ total: 3 });
  enter('inside', 'a');
  come('old', 'b');
  come('young', 'c');
  expect(come('new', 'd')).toBe('old');
});

test('who has entered goes for nobody: a new connection then finds no room', () => {
  const { come, enter } = bookWith({ total: 2, kept: 0 });
  enter('one', 'a');
  enter('two', 'b');
  expect(come('three', 'c')).toBe('no room');
});

test('the kept places are not entered, but who comes back has them', () => {
  const { book, enter, come } = bookWith({ total: 3, kept: 1 });
  expect(enter('one', 'a')).toBeUndefined();
  expect(enter('two', 'b')).toBeUndefined();
  expect(enter('three', 'c')).toBe('full');
  come('back', 'd');
  book.enters('back');
  book.entered('back');
  expect(book.size).toBe(3);
  expect(come('later', 'e')).toBe('no room');
});

test('of one address only so many are inside, and one that goes makes room', () => {
  const { book, enter } = bookWith();
  for (const name of ['1', '2', '3', '4']) expect(enter(name, 'a')).toBeUndefined();
  expect(enter('5', 'a')).toBe('addressFull');
  expect(enter('6', 'b')).toBeUndefined();
  book.gone('1');
  expect(book.fullFor('5')).toBeUndefined();
});

test('who is entering counts as inside, and no longer once it is refused', () => {
  const { book, come } = bookWith({ insidePerAddress: 1 });
  come('one', 'a');
  come('two', 'a');
  book.enters('one');
  expect(book.fullFor('two')).toBe('addressFull');
  book.notEntered('one');
  expect(book.fullFor('two')).toBeUndefined();
});

test('who was refused has become no younger', () => {
  const { book, come } = bookWith();
  come('first', 'a');
  come('second', 'a');
  book.enters('first');
  book.notEntered('first');
  expect(come('third', 'a')).toBe('first');
});

test('what is being closed counts as inside no more, and is the first to go', () => {
  const { book, enter, come } = bookWith({ total: 3, kept: 1, insidePerAddress: 2 });
  enter('one', 'a');
  enter('two', 'a');
  expect(enter('three', 'a')).toBe('full');
  book.closes('two');
  expect(book.fullFor('three')).toBeUndefined();
  book.enters('three');
  book.entered('three');
  expect(book.hasRoom()).toBe(true);
  expect(come('four', 'b')).toBe('two');
  book.closes('one');
  expect(come('five', 'c')).toBe('one');
});

test('what is gone leaves nothing behind, and may be said to be gone twice', () => {
  const { book, enter, come } = bookWith();
  enter('one', 'a');
  come('two', 'a');
  book.closes('one');
  for (const name of ['one', 'two', 'one', 'unknown']) book.gone(name);
  book.entered('two');
  for (const name of ['two', 'unknown']) book.closes(name);
  expect(book.hasRoom()).toBe(true);
  book.notEntered('one');
  expect(book.size).toBe(0);
  for (const name of ['1', '2', '3', '4']) expect(enter(name, 'a')).toBeUndefined();
});
