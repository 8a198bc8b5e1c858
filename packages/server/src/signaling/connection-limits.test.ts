import { encodeRequest, ServiceError } from '@roomkey/protocol';
import { settled } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { connect, enterParams, gate, resumeParams, subscribed } from './connection.fixture.ts';

describe('limits of one connection', () => {
  test('requests above the burst are refused and later ones pass again', async () => {
    const { ask, outcome, enter, clock } = connect({ pendingRequests: 100 });
    await enter();
    const asked = Array.from({ length: 25 }, () => ask('subscribe', subscribed));
    await settled();
    expect(asked.map(outcome).filter((name) => name === 'ok')).toHaveLength(19);
    expect(asked.map(outcome).filter((name) => name === 'tooManyRequests')).toHaveLength(6);
    clock.advance(1000);
    const later = ask('subscribe', subscribed);
    await settled();
    expect(outcome(later)).toBe('ok');
  });

  test('a client that does not slow down is closed', () => {
    const { ask, channel, closed } = connect();
    for (let i = 0; i < 20 + 100; i++) ask('subscribe', subscribed);
    expect(channel.ending).toBeUndefined();
    ask('subscribe', subscribed);
    expect(channel.ending).toEqual({ code: 1008 });
    expect(closed).toEqual(['tooManyRequests']);
  });

  test('who shows no good ticket has ten attempts, and then one a second', async () => {
    const { ask, outcome, home, clock, channel } = connect({ requestsPerSecond: 100, pendingRequests: 100 });
    let tried = 0;
    home.onEnter = () => {
      tried++;
      throw new ServiceError('userSigForged');
    };
    const attempt = async (method: 'enter' | 'resume') => {
      const asked = ask(method, method === 'enter' ? enterParams : resumeParams);
      await settled();
      return outcome(asked);
    };
    for (let i = 0; i < 10; i++) expect(await attempt('enter')).toBe('userSigForged');
    for (let i = 0; i < 5; i++) expect(await attempt('enter')).toBe('tooManyRequests');
    expect(await attempt('resume')).toBe('tooManyRequests');
    expect(tried).toBe(10);
    clock.advance(1000);
    expect([await attempt('enter'), await attempt('enter')]).toEqual(['userSigForged', 'tooManyRequests']);
    expect(channel.ending).toBeUndefined();
  });

  test('who has not entered may send two largest messages, and is closed before more is read', async () => {
    const { connection, channel, closed, answered, clock } = connect({ requestsPerSecond: 100 });
    const large = 'x'.repeat(65_536);
    connection.received(large);
    clock.advance(1000);
    connection.received(large);
    connection.received('x'.repeat(6_000));
    expect(channel.ending).toBeUndefined();
    expect(answered).toHaveLength(3);
    connection.received('x'.repeat(6_000));
    expect(closed).toEqual(['tooMuchBeforeEntry']);
    expect(channel.ending).toEqual({ code: 1008 });
    expect(answered).toHaveLength(3);
  });

  test('what waits for the entry counts, what comes after it does not', async () => {
    const { connection, channel, enter, home, closed } = connect({ pendingRequests: 100 });
    const entry = gate();
    home.onEnter = () => entry.opened;
    await enter();
    const large = encodeRequest('a', 'setMuted', { trackId: 't', muted: true, filling: 'x'.repeat(60_000) });
    connection.received(large);
    entry.open();
    await settled();
    for (let i = 0; i < 5; i++) connection.received(large);
    expect(channel.ending).toBeUndefined();
    const other = connect({ pendingRequests: 100 });
    other.home.onEnter = () => new Promise(() => {});
    await other.enter();
    for (let i = 0; i < 3; i++) other.connection.received(large);
    expect([...closed, ...other.closed]).toEqual(['tooMuchBeforeEntry']);
  });

  test('pings count as messages', () => {
    const { connection, channel } = connect();
    for (let i = 0; i < 121; i++) connection.pinged();
    expect(channel.ending).toEqual({ code: 1008 });
  });

  test('pongs that nobody asked for count as messages, and those that answer a ping do not', () => {
    const { connection, channel, clock } = connect({ enterSeconds: 1000 });
    for (let i = 0; i < 121; i++) {
      clock.advance(5_000);
      connection.ponged();
    }
    expect(channel.ending).toBeUndefined();
    for (let i = 0; i < 120; i++) connection.ponged();
    expect(channel.ending).toBeUndefined();
    connection.ponged();
    expect(channel.ending).toEqual({ code: 1008 });
  });

  test('a client that pings and does not read the answers is cut off', () => {
    const { connection, channel } = connect();
    channel.backlog = 10_001;
    connection.pinged();
    expect(channel.ending).toBe('terminated');
  });

  test('more requests than may wait are refused, those that wait are answered', async () => {
    const { ask, outcome, enter, home } = connect();
    await enter();
    const { opened, open } = gate();
    home.answer({ subscribe: () => opened.then(() => ({})) });
    const asked = Array.from({ length: 6 }, () => ask('subscribe', subscribed));
    await settled();
    expect(asked.map(outcome)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'tooManyRequests',
      'tooManyRequests',
    ]);
    open();
    await settled();
    expect(asked.slice(0, 4).map(outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('requests that wait for the entry count as waiting', async () => {
    const { ask, outcome, enter, home } = connect();
    home.onEnter = () => new Promise(() => {});
    await enter();
    const asked = Array.from({ length: 4 }, () => ask('subscribe', subscribed));
    expect(asked.map(outcome)).toEqual([undefined, undefined, undefined, 'tooManyRequests']);
  });

  test('a slow request does not hold up the next one', async () => {
    const { ask, outcome, enter, home } = connect();
    await enter();
    home.answer({ openTransport: () => new Promise(() => {}) });
    const slow = ask('openTransport', { direction: 'send' });
    const quick = ask('subscribe', subscribed);
    await settled();
    expect([outcome(slow), outcome(quick)]).toEqual([undefined, 'ok']);
  });

  test('a client that leaves two pings unanswered is cut off and its member dropped', async () => {
    const { clock, channel, enter, home, closed } = connect();
    await enter();
    clock.advance(5_000);
    clock.advance(5_000);
    expect(channel.pings).toBe(2);
    expect(channel.ending).toBeUndefined();
    clock.advance(5_000);
    expect(channel.ending).toBe('terminated');
    expect(closed).toEqual(['silent']);
    await settled();
    expect(home.seat.drops).toEqual(['lost']);
  });

  test('a client that answers its pings stays', async () => {
    const { clock, channel, connection, enter } = connect();
    await enter();
    for (let i = 0; i < 20; i++) {
      clock.advance(5_000);
      connection.ponged();
    }
    expect(channel.ending).toBeUndefined();
    expect(channel.pings).toBe(20);
  });

  test('a closed connection leaves no timer behind', async () => {
    const { clock, connection, enter } = connect();
    await enter();
    connection.close('stopping');
    expect(clock.pending).toBe(0);
  });
});
