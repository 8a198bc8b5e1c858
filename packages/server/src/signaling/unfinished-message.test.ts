import { FakeClock } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { UnfinishedMessage } from './unfinished-message.ts';

/** A frame of a client: its first byte, and as many bytes as it is said to hold. */
function frame(first: number, length: number): Buffer {
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  const said =
    length < 126 ? [0x80 | length] : length < 65_536 ? [0xfe, ...long.subarray(6)] : [0xff, ...long];
  return Buffer.from([first, ...said, 1, 2, 3, 4, ...Buffer.alloc(length)]);
}

const text = (length: number) => frame(0x81, length);
const ping = frame(0x89, 5);
const fragment = {
  first: frame(0x01, 3),
  middle: frame(0x00, 3),
  empty: frame(0x00, 0),
  last: frame(0x80, 3),
};

function watching() {
  const clock = new FakeClock();
  let overdue = 0;
  const message = new UnfinishedMessage(clock, () => {
    overdue += 1;
  });
  return { clock, message, overdue: () => overdue };
}

describe('a message that has begun', () => {
  test.each([
    ['a part of a head', text(3).subarray(0, 1)],
    ['a head', text(3).subarray(0, 6)],
    ['a long head', text(70_000).subarray(0, 9)],
    ['all but one byte', text(70_000).subarray(0, -1)],
    ['a fragment', fragment.first],
    ['fragments and a ping', Buffer.concat([fragment.first, ping, fragment.middle, fragment.empty])],
    ['a whole message and a part of another', Buffer.concat([text(200), text(3).subarray(0, 2)])],
  ])('is overdue 30 seconds later when this is all that came: %s', (_, bytes) => {
    const { clock, message, overdue } = watching();
    message.read(bytes);
    clock.advance(29_999);
    expect(overdue()).toBe(0);
    clock.advance(1);
    expect(overdue()).toBe(1);
  });

  test('has no more time when it goes on slowly', () => {
    const { clock, message, overdue } = watching();
    message.read(fragment.first);
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      message.read(Buffer.concat([fragment.middle, ping]));
    }
    expect(overdue()).toBe(1);
  });

  test('has a time of its own, however fast one follows another', () => {
    const { clock, message, overdue } = watching();
    message.read(text(3).subarray(0, 4));
    for (let i = 0; i < 10; i++) {
      clock.advance(20_000);
      message.read(Buffer.concat([text(3).subarray(4), text(3).subarray(0, 4)]));
    }
    expect(overdue()).toBe(0);
  });
});

describe('a whole message', () => {
  test.each([
    ['in one frame', text(3)],
    ['of nothing', text(0)],
    ['with a long length', text(200)],
    ['with a longer length', text(70_000)],
    ['in fragments', Buffer.concat([fragment.first, fragment.middle, ping, fragment.empty, fragment.last])],
    ['that is a ping', ping],
  ])('leaves no timer: %s, in one piece or byte by byte', (_, bytes) => {
    const { clock, message } = watching();
    message.read(bytes);
    expect(clock.pending).toBe(0);
    for (const byte of bytes) message.read(Uint8Array.of(byte));
    expect(clock.pending).toBe(0);
  });
});

test('a connection that is over leaves no timer', () => {
  const { clock, message } = watching();
  message.read(fragment.first);
  message.stop();
  expect(clock.pending).toBe(0);
});
