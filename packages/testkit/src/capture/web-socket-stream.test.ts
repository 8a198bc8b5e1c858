import { describe, expect, test } from 'vitest';
import { type WebSocketMessage, WebSocketStream } from './web-socket-stream.ts';

const upgrade = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');

/** A final text frame, masked as clients do it or not. */
function frame(text: string, mask?: Buffer, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  const size = Buffer.alloc(payload.length < 126 ? 1 : payload.length < 65_536 ? 3 : 9);
  if (size.length === 1) size[0] = payload.length;
  else if (size.length === 3) {
    size[0] = 126;
    size.writeUInt16BE(payload.length, 1);
  } else {
    size[0] = 127;
    size.writeBigUInt64BE(BigInt(payload.length), 1);
  }
  if (mask) size[0] = (size[0] ?? 0) | 0x80;
  const masked = mask ? payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.of(0x80 | opcode), size, mask ?? Buffer.alloc(0), masked]);
}

/** Reads segments that begin at a sequence number, one per millisecond. */
function read(segments: readonly Buffer[], first = 1000): WebSocketMessage[] {
  const heard: WebSocketMessage[] = [];
  const stream = new WebSocketStream((message) => heard.push(message));
  let sequence = first;
  for (const [at, payload] of segments.entries()) {
    stream.segment(sequence, payload, at);
    sequence = (sequence + payload.length) >>> 0;
  }
  return heard;
}

describe('a captured WebSocket', () => {
  test('gives its messages with the time of their segment, behind the upgrade and past pings', () => {
    const ping = frame('', undefined, 9);
    expect(read([upgrade, frame('one'), Buffer.concat([ping, frame('two')])])).toEqual([
      { text: 'one', beganAt: 1, endedAt: 1 },
      { text: 'two', beganAt: 2, endedAt: 2 },
    ]);
  });

  test.each([[5], [125], [126], [65_535], [65_536]])('reads a masked message of %i bytes', (length) => {
    const text = 'x'.repeat(length);
    expect(read([upgrade, frame(text, Buffer.of(1, 2, 3, 4))])).toEqual([{ text, beganAt: 1, endedAt: 1 }]);
  });

  test('knows when a message in several segments began and ended, wherever it is cut', () => {
    const whole = Buffer.concat([frame('before'), frame('the one', Buffer.of(9, 8, 7, 6)), frame('after')]);
    for (let cut = 1; cut < whole.length; cut++) {
      const [first, second] = [whole.subarray(0, cut), whole.subarray(cut)];
      const [, , message] = [undefined, ...read([upgrade, first, second])];
      const begins = frame('before').length;
      const ends = begins + frame('the one', Buffer.alloc(4)).length - 1;
      expect(message).toEqual({
        text: 'the one',
        beganAt: begins < cut ? 1 : 2,
        endedAt: ends < cut ? 1 : 2,
      });
    }
  });

  test('passes over what was sent again, and goes on where the sequence numbers begin anew', () => {
    const heard: string[] = [];
    const stream = new WebSocketStream(({ text }) => heard.push(text));
    const first = 0xffff_ffff - upgrade.length;
    const message = frame('hello');
    stream.segment(first, upgrade, 0);
    stream.segment(first, upgrade, 1);
    const next = (first + upgrade.length) >>> 0;
    stream.segment(next, message.subarray(0, 4), 2);
    stream.segment(next, message, 3);
    expect(heard).toEqual(['hello']);
    stream.segment((next + message.length) >>> 0, frame('again'), 4);
    expect(heard).toEqual(['hello', 'again']);
  });

  test('does not go on behind a segment that is missing', () => {
    const stream = new WebSocketStream(() => {});
    stream.segment(100, upgrade, 0);
    expect(() => stream.segment(101 + upgrade.length, frame('late'), 1)).toThrow('missing');
  });

  test('does not guess at messages in fragments', () => {
    const begun = frame('part');
    begun[0] = 1;
    expect(() => read([upgrade, begun])).toThrow('fragments');
  });
});
