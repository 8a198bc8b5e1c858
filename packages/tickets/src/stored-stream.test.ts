import { Buffer } from 'node:buffer';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasLooseBits, readStoredStream, storedStream } from './stored-stream.ts';

const texts = fc.string({ unit: 'binary', maxLength: 2000 });

test('zlib reads what is stored, and it is read back', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const stream = storedStream(text);
      expect(inflateSync(stream).toString()).toBe(text);
      expect(readStoredStream(stream)?.toString()).toBe(text);
    }),
  );
});

test('the checksum holds for the longest text of the highest bytes', () => {
  const text = '\u{10ffff}'.repeat(4096 * 3);
  expect(inflateSync(storedStream(text)).toString()).toBe(text);
});

test('what is read from a spoilt stream is what zlib reads, or nothing', () => {
  const spoils = fc.array(fc.record({ at: fc.nat(60), byte: fc.integer({ min: 0, max: 255 }) }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), spoils, fc.nat(3), (text, changes, cut) => {
      const stream = storedStream(text);
      for (const { at, byte } of changes) if (at < stream.length) stream[at] = byte;
      const spoilt = stream.subarray(0, stream.length - (cut === 3 ? 1 : 0));
      const content = readStoredStream(spoilt);
      if (content) expect(content).toEqual(inflateSync(spoilt));
    }),
    { numRuns: 5000 },
  );
});

test('streams of any other make are left to zlib', () => {
  for (const level of [1, 6, 9]) expect(readStoredStream(deflateSync('a text', { level }))).toBeUndefined();
  for (let length = 0; length < 11; length++) expect(readStoredStream(Buffer.alloc(length))).toBeUndefined();
});

test('a bit that inflating ignores is noticed in the head of a stored block, and none is there otherwise', () => {
  for (const level of [0, 1, 6]) expect(hasLooseBits(deflateSync('a text', { level }))).toBe(false);
  for (let bit = 3; bit < 8; bit++) {
    const stream = storedStream('a text');
    expect(hasLooseBits(stream)).toBe(false);
    stream[2] = 1 | (1 << bit);
    expect(inflateSync(stream).toString()).toBe('a text');
    expect(hasLooseBits(stream)).toBe(true);
  }
});
