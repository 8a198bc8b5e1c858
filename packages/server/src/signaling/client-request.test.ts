import { settled } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { connect, enterParams, subscribed } from './connection.fixture.ts';
import { maxUnreadable } from './pace.ts';

describe('requests that do not fit', () => {
  test.each([
    ['', 'parseError'],
    ['{', 'parseError'],
    ['nonsense', 'parseError'],
    ['[]', 'invalidRequest'],
    ['null', 'invalidRequest'],
    ['7', 'invalidRequest'],
    ['{}', 'invalidRequest'],
    ['{"jsonrpc":"2.0","id":{},"method":"exit"}', 'invalidRequest'],
    ['[{"jsonrpc":"2.0","id":1,"method":"exit"}]', 'invalidRequest'],
    ['{"jsonrpc":"2.0","method":"exit"}', 'invalidRequest'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'invalidRequest'],
  ])('%s is refused with id null as %s', async (text, name) => {
    const { connection, channel, outcome, enter } = connect();
    await enter();
    connection.received(text);
    await settled();
    expect(outcome(null)).toBe(name);
    expect(channel.ending).toBeUndefined();
  });

  test.each([
    '{"jsonrpc":"1.0","id":1,"method":"exit"}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","id":1,"method":"exit","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"exit","more":1}',
  ])('%s is refused with its id, and counts as unreadable', (text) => {
    const { connection, closed, channel } = connect({ requestsPerSecond: 1000 });
    for (let i = 0; i < maxUnreadable; i++) connection.received(text);
    expect(channel.sent.at(-1)).toMatchObject({ id: 1, error: { data: { name: 'invalidRequest' } } });
    expect(closed).toEqual(['unreadable']);
  });

  test('an unknown method and wrong parameters do not count as unreadable', () => {
    const { ask, outcome, closed } = connect({ requestsPerSecond: 1000 });
    for (let i = 0; i < maxUnreadable; i++) {
      expect(outcome(ask('nonsense'))).toBe('methodNotFound');
      expect(outcome(ask('enter', {}))).toBe('invalidParams');
    }
    expect(closed).toEqual([]);
  });

  test.each(['dropped', 'constructor', '__proto__', 'toString', 'Enter', 'leave', ''])(
    'the method %s does not exist',
    async (method) => {
      const { ask, outcome, enter, home } = connect();
      await enter();
      const asked = ask(method);
      await settled();
      expect(outcome(asked)).toBe('methodNotFound');
      expect(home.seat.calls).toEqual([]);
      expect(home.seat.drops).toEqual([]);
    },
  );

  test('wrong types are refused by the path of the field, without its value', () => {
    const { ask, channel, outcome } = connect();
    const asked = ask('enter', { ...enterParams, userSig: { secret: 'eJyrVgrxCdYrSy1S' } });
    expect(outcome(asked)).toBe('invalidParams');
    const answer = JSON.stringify(channel.sent.at(-1));
    expect(answer).toContain('params.userSig');
    expect(answer).not.toContain('eJyrVgrxCdYrSy1S');
  });

  test('no refusal of wrong parameters repeats what was sent', async () => {
    const secret = 'eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwhWZ';
    const { ask, channel, outcome, enter } = connect({ requestsPerSecond: 1000 });
    await enter();
    const wrong: [string, object][] = [
      ['enter', { ...enterParams, sdkAppId: secret }],
      ['enter', { ...enterParams, userSig: [secret] }],
      ['enter', { ...enterParams, scene: secret }],
      ['enter', { ...enterParams, role: secret }],
      ['enter', { ...enterParams, privateMapKey: { [secret]: secret } }],
      ['enter', { ...enterParams, userSig: secret.repeat(1000) }],
      ['enter', { ...enterParams, rtpCapabilities: { codecs: [{ kind: secret }] } }],
      ['openTransport', { direction: secret }],
      ['setMuted', { trackId: secret.repeat(9), muted: secret }],
      [
        'publish',
        {
          transportId: 't',
          slot: 'camera',
          rtpParameters: {
            codecs: [
              {
                mimeType: secret,
                payloadType: 1,
                clockRate: 1,
                parameters: { [secret]: { [secret]: secret } },
              },
            ],
            encodings: [{}],
          },
        },
      ],
    ];
    for (const [method, params] of wrong) {
      expect(outcome(ask(method, params))).toBe('invalidParams');
      expect(JSON.stringify(channel.sent.at(-1))).not.toContain(secret);
    }
  });

  test('a client that keeps sending what is no request is closed', () => {
    const { connection, channel, closed } = connect({ requestsPerSecond: 1000 });
    for (let i = 1; i < maxUnreadable; i++) connection.received('nonsense');
    expect(channel.ending).toBeUndefined();
    connection.received('nonsense');
    expect(channel.ending).toEqual({ code: 1008 });
    expect(closed).toEqual(['unreadable']);
  });

  test('an unexpected failure is answered as internal and logged', async () => {
    const { ask, outcome, home, enter, logged, channel } = connect();
    await enter();
    home.answer({ subscribe: () => Promise.reject(new TypeError('cannot read x of undefined')) });
    const asked = ask('subscribe', subscribed);
    await settled();
    expect(outcome(asked)).toBe('internal');
    expect(JSON.stringify(channel.sent.at(-1))).not.toContain('cannot read');
    expect(logged.join()).toContain('cannot read x of undefined');
  });

  test('an unexpected failure that a client repeats is logged a few times', async () => {
    const { ask, home, enter, logged, clock } = connect();
    await enter();
    home.answer({ subscribe: () => Promise.reject(new TypeError('cannot read x of undefined')) });
    for (let n = 0; n < 30; n++) {
      ask('subscribe', subscribed);
      clock.advance(100);
      await settled();
    }
    expect(logged).toHaveLength(10);
  });

  test('each answer is reported with its method and outcome', async () => {
    const { ask, connection, enter, answered } = connect();
    await enter();
    ask('subscribe', subscribed);
    ask('subscribe', { userId: 7 });
    connection.received('{');
    await settled();
    expect(answered.toSorted()).toEqual([
      'enter:ok',
      'subscribe:invalidParams',
      'subscribe:ok',
      'unreadable:parseError',
    ]);
  });
});
