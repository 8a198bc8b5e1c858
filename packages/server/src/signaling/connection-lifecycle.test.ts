import { encodeResult, ServiceError } from '@roomkey/protocol';
import { plainEntry, plainResume, settled } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { causeOfClose } from './close-causes.ts';
import { connect, enterParams, gate, resumeParams, subscribed } from './connection.fixture.ts';

describe('entry', () => {
  test('the first message is welcome', () => {
    expect(connect().channel.sent[0]?.method).toBe('welcome');
  });

  test('an admitted client gets its answer and then carries requests to its seat', async () => {
    const { enter, ask, outcome, home } = connect();
    expect(outcome(await enter())).toBe('ok');
    const asked = ask('subscribe', subscribed);
    await settled();
    expect(outcome(asked)).toBe('ok');
    expect(home.seat.calls).toEqual([{ name: 'subscribe', params: subscribed }]);
  });

  test('the answer to enter is what the home said', async () => {
    const { channel, enter } = connect();
    await enter();
    expect(channel.sent.at(-1)?.result).toEqual(plainEntry);
  });

  test('a request before entry is refused', () => {
    const { ask, outcome } = connect();
    expect(outcome(ask('subscribe', subscribed))).toBe('notEntered');
  });

  test('a second entry is refused and the first one goes on', async () => {
    const { enter, outcome, home } = connect();
    await enter();
    expect(outcome(await enter())).toBe('alreadyEntered');
    expect(home.seats).toHaveLength(1);
    expect(home.seat.drops).toEqual([]);
  });

  test('a refused entry may be tried again on the same connection', async () => {
    const { enter, outcome, home } = connect();
    home.onEnter = () => {
      throw new ServiceError('userSigExpired');
    };
    expect(outcome(await enter())).toBe('userSigExpired');
    home.onEnter = () => {};
    expect(outcome(await enter())).toBe('ok');
  });

  test('requests behind an entry wait for it and run in their order', async () => {
    const { ask, enter, outcome, home } = connect();
    const { opened, open } = gate();
    home.onEnter = () => opened;
    await enter();
    const first = ask('openTransport', { direction: 'send' });
    const second = ask('subscribe', subscribed);
    await settled();
    expect([outcome(first), outcome(second)]).toEqual([undefined, undefined]);
    open();
    await settled();
    expect(home.seat.calls.map(({ name }) => name)).toEqual(['openTransport', 'subscribe']);
    expect([outcome(first), outcome(second)]).toEqual(['ok', 'ok']);
  });

  test('requests behind a refused entry are refused', async () => {
    const { ask, outcome, home } = connect();
    home.onEnter = () => {
      throw new ServiceError('roomFull');
    };
    ask('enter', enterParams);
    const asked = ask('subscribe', subscribed);
    await settled();
    expect(outcome(asked)).toBe('notEntered');
  });

  test('an entry behind a refused entry is the new entry, and what follows waits for it', async () => {
    const { ask, outcome, home } = connect();
    home.onEnter = ({ userId }) => {
      if (userId === 'ana') throw new ServiceError('roomFull');
    };
    ask('enter', enterParams);
    const between = ask('subscribe', subscribed);
    const again = ask('enter', { ...enterParams, userId: 'bob' });
    const after = ask('subscribe', subscribed);
    await settled();
    expect([between, again, after].map(outcome)).toEqual(['notEntered', 'ok', 'ok']);
  });

  test('a client that does not enter in time is closed', () => {
    const { clock, channel, closed } = connect();
    clock.advance(9_999);
    expect(channel.ending).toBeUndefined();
    clock.advance(1);
    expect(channel.ending).toEqual({ code: 4408 });
    expect(closed).toEqual(['enterTimeout']);
  });

  test.each([
    ['is let in', undefined, [], 'ok'],
    ['is refused', new ServiceError('roomFull'), ['enterTimeout'], 'roomFull'],
  ])('a client whose entry takes long gets its answer: one who %s', async (_, refusal, causes, answer) => {
    const { clock, closed, home, ask, outcome } = connect();
    let decide = () => {};
    const decided = new Promise<void>((resolve) => {
      decide = resolve;
    });
    home.onEnter = async () => {
      await decided;
      if (refusal) throw refusal;
    };
    const entered = ask('enter', enterParams);
    clock.advance(10_000);
    expect(closed).toEqual([]);
    decide();
    await settled();
    expect(outcome(entered)).toBe(answer);
    expect(closed).toEqual(causes);
  });

  test('a client that entered has all the time it wants', async () => {
    const { clock, channel, connection, enter } = connect();
    await enter();
    for (let second = 0; second < 600; second++) {
      clock.advance(1000);
      connection.ponged();
    }
    expect(channel.ending).toBeUndefined();
  });

  test('a seat given after the socket closed is dropped, once', async () => {
    const { connection, enter, home, channel } = connect();
    const { opened, open } = gate();
    home.onEnter = () => opened;
    await enter();
    connection.close('gone');
    open();
    await settled();
    expect(home.seat.drops).toEqual(['left']);
    expect(channel.sent.map(({ method }) => method)).toEqual(['welcome']);
  });
});

const notice = {
  method: 'trackClosed',
  params: { trackId: 't', slot: 'camera', cause: 'c', message: 'm' },
};

describe('notices', () => {
  test('what the room says during an entry comes after the answer to it', async () => {
    const { enter, home, channel } = connect();
    home.onEnter = (_request, link) => link.notify(notice as never);
    const asked = await enter();
    const said = channel.sent.slice(1).map(({ id, method }) => id ?? method);
    expect(said).toEqual([asked, 'trackClosed']);
  });

  test('what the room says during an entry that is refused never comes', async () => {
    const { enter, home, channel } = connect();
    let late: () => void = () => {};
    home.onEnter = (_request, link) => {
      link.notify(notice as never);
      late = () => link.notify(notice as never);
      throw new ServiceError('roomFull');
    };
    await enter();
    late();
    expect(channel.sent.filter(({ method }) => method === 'trackClosed')).toEqual([]);
  });

  test('a room that says too much before the answer to an entry loses the client', async () => {
    const { enter, home, channel, closed } = connect();
    home.onEnter = (_request, link) => {
      for (let i = 0; i < 1000; i++) link.notify(notice as never);
    };
    await enter();
    expect(channel.ending).toBe('terminated');
    expect(closed).toEqual(['slow']);
    expect(home.seat.drops).toEqual(['left']);
  });

  test('a member taken out is told, closed, and not dropped a second time', async () => {
    const { enter, home, channel, connection } = connect();
    await enter();
    home.seat.link.notify({ method: 'removed', params: { reason: 'replaced' } });
    home.seat.link.end();
    expect(channel.sent.at(-1)?.method).toBe('removed');
    expect(channel.ending).toEqual({ code: 4000 });
    connection.close('gone');
    await settled();
    expect(home.seat.drops).toEqual([]);
  });

  test('a member taken out while it enters still gets its answer first', async () => {
    const { enter, home, channel, outcome } = connect();
    home.onEnter = (_request, link) => {
      link.notify({ method: 'removed', params: { reason: 'replaced' } });
      link.end();
    };
    expect(outcome(await enter())).toBe('ok');
    expect(channel.sent.at(-1)?.method).toBe('removed');
    expect(channel.ending).toEqual({ code: 4000 });
  });

  test('nothing is sent after the end', async () => {
    const { enter, home, channel, connection } = connect();
    await enter();
    connection.close('gone');
    const before = channel.sent.length;
    home.seat.link.notify(notice as never);
    expect(channel.sent).toHaveLength(before);
  });

  test('a client that does not read is cut off, and its member dropped outside of what the room is doing', async () => {
    const { enter, home, channel, closed } = connect();
    await enter();
    channel.backlog = 10_000;
    home.seat.link.notify(notice as never);
    expect(channel.ending).toBe('terminated');
    expect(closed).toEqual(['slow']);
    expect(home.seat.drops).toEqual([]);
    await settled();
    expect(home.seat.drops).toEqual(['lost']);
  });
});

describe('a room whose answer is larger than what may wait for a client', () => {
  const members = Array.from({ length: 500 }, (_, i) => ({
    userId: `user-${i}`,
    role: 'anchor' as const,
    tracks: [],
  }));
  const entry = { ...plainEntry, members };
  const size = encodeResult(1, entry).length;

  test('can be entered, and who reads the answer is not slow', async () => {
    const { enter, outcome, home, channel } = connect();
    home.entry = entry;
    expect(size).toBeGreaterThan(10_000);
    expect(outcome(await enter())).toBe('ok');
    channel.backlog = size;
    home.seat.link.notify(notice as never);
    expect(channel.ending).toBeUndefined();
  });

  test('still cuts off who does not read', async () => {
    const { enter, home, channel, closed } = connect();
    home.entry = entry;
    await enter();
    channel.backlog = size + 10_000;
    home.seat.link.notify(notice as never);
    expect(closed).toEqual(['slow']);
  });

  test('allows no larger backlog once it was read', async () => {
    const { enter, home, channel, closed, connection } = connect();
    home.entry = entry;
    await enter();
    channel.backlog = 5_000;
    home.seat.link.notify(notice as never);
    expect(closed).toEqual([]);
    channel.backlog = 10_001;
    connection.pinged();
    expect(closed).toEqual(['slow']);
  });
});

describe('exit', () => {
  test('the answer comes, the socket closes, and the seat is not dropped', async () => {
    const { enter, ask, outcome, home, channel, connection } = connect();
    await enter();
    const asked = ask('exit');
    await settled();
    expect(outcome(asked)).toBe('ok');
    expect(channel.ending).toEqual({ code: 1000 });
    connection.close('gone');
    await settled();
    expect(home.seat.drops).toEqual([]);
  });

  test('requests behind an exit are refused, an entry too', async () => {
    const { enter, ask, outcome } = connect();
    await enter();
    ask('exit');
    expect(outcome(ask('subscribe', subscribed))).toBe('notEntered');
    expect(outcome(ask('enter', enterParams))).toBe('notEntered');
  });

  test('a room that ends the link while it handles the exit does not swallow the answer', async () => {
    const { enter, ask, outcome, home, channel } = connect();
    await enter();
    home.answer({
      exit: () => {
        home.seat.link.end();
        return {};
      },
    });
    const asked = ask('exit');
    await settled();
    expect(outcome(asked)).toBe('ok');
    expect(channel.ending).toEqual({ code: 1000 });
  });

  test('an exit that fails still takes the member out', async () => {
    const { enter, ask, outcome, home, channel } = connect();
    await enter();
    home.answer({ exit: () => Promise.reject(new Error('broken')) });
    const asked = ask('exit');
    await settled();
    expect(outcome(asked)).toBe('internal');
    expect(home.seat.drops).toEqual(['left']);
    expect(channel.ending).toEqual({ code: 1011 });
  });

  test('a socket that breaks without an exit drops the seat once', async () => {
    const { enter, home, connection } = connect();
    await enter();
    connection.close('gone');
    connection.close('gone');
    await settled();
    expect(home.seat.drops).toEqual(['lost']);
  });
});

describe('resume', () => {
  test('takes the place of an entry: it is answered, then requests go to the seat', async () => {
    const { ask, outcome, channel, home } = connect();
    const resumed = ask('resume', resumeParams);
    const behind = ask('subscribe', subscribed);
    await settled();
    expect([outcome(resumed), outcome(behind)]).toEqual(['ok', 'ok']);
    expect(channel.sent.find(({ id }) => id === resumed)?.result).toEqual(plainResume);
    expect(home.seat.request).toEqual(resumeParams);
    expect(home.seat.calls).toEqual([{ name: 'subscribe', params: subscribed }]);
  });

  test('is refused on a connection that is in a room', async () => {
    const { enter, ask, outcome } = connect();
    await enter();
    expect(outcome(ask('resume', resumeParams))).toBe('alreadyEntered');
  });

  test('a refused one leaves time for an entry on the same connection, and not more than any', async () => {
    const { ask, outcome, enter, home, clock, closed } = connect();
    home.onResume = () => {
      throw new ServiceError('resumeRefused');
    };
    const resumed = ask('resume', resumeParams);
    await settled();
    expect(outcome(resumed)).toBe('resumeRefused');
    expect(outcome(await enter())).toBe('ok');
    const other = connect();
    other.home.onResume = home.onResume;
    other.ask('resume', resumeParams);
    await settled();
    other.clock.advance(10_000);
    expect(other.closed).toEqual(['enterTimeout']);
    clock.advance(0);
    expect(closed).toEqual([]);
  });

  test.each([
    ['gone', 'lost'],
    ['silent', 'lost'],
    ['left', 'left'],
  ] as const)(
    'a connection that ended (%s) before the answer could go out: the seat is %s',
    async (cause, how) => {
      const { ask, home, connection } = connect();
      const { opened, open } = gate();
      home.onResume = () => opened;
      ask('resume', resumeParams);
      await settled();
      connection.close(cause);
      open();
      await settled();
      expect(home.seat.drops).toEqual([how]);
    },
  );

  test('a connection whose seat another one has taken up is closed, and does not drop it', async () => {
    const { enter, home, channel, closed } = connect();
    await enter();
    home.seat.link.end('superseded');
    await settled();
    expect(channel.ending).toEqual({ code: 4001 });
    expect(closed).toEqual(['superseded']);
    expect(home.seat.drops).toEqual([]);
  });
});

test.each([
  ['gone', 'lost'],
  ['silent', 'lost'],
  ['slow', 'lost'],
  ['left', 'left'],
  ['stopping', 'left'],
  ['binaryFrame', 'left'],
  ['oversized', 'left'],
  ['badFrame', 'left'],
  ['tooManyRequests', 'left'],
  ['unreadable', 'left'],
] as const)('a member whose connection ended because of %s has %s', async (cause, how) => {
  const { enter, home, connection } = connect();
  await enter();
  connection.close(cause);
  await settled();
  expect(home.seat.drops).toEqual([how]);
});

test.each([
  [1000, 'left'],
  [1001, 'left'],
  [1005, 'left'],
  [3000, 'left'],
  [4002, 'gone'],
  [1006, 'gone'],
] as const)('a close of the client with %s means %s', (code, cause) => {
  expect(causeOfClose(code)).toBe(cause);
});
