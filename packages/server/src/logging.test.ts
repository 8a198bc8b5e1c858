import { ServiceError } from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { createLogger, logEvents, logFaults, logMedia, logMediaFailures } from './logging.ts';
import type { Application, OperatorAction, RoomEvent } from './ports/index.ts';

/** Application 1 is there. */
const known = { find: (sdkAppId: number) => (sdkAppId === 1 ? ({} as Application) : undefined) };
const ticket =
  'eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwhWZiflZpXlQqeKU7MSCgswUJStDEwMogMiUZOamKlkZmqOKplYUZBalKllZmJnAhIoz';

function logged(level: 'trace' | 'info' | 'silent', write: (log: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  write(createLogger({ level, destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => JSON.parse(line));
}

test.each([
  { userSig: ticket },
  { params: { privateMapKey: ticket } },
  { request: { params: { userSig: ticket } } },
  { a: { b: { c: { secret: ticket } } } },
  { headers: { authorization: ticket } },
])('a field that holds a secret is hidden: %o', (fields) => {
  const [line] = logged('trace', (log) => log.trace(fields, 'said'));
  expect(line.msg).toBe('said');
  expect(JSON.stringify(line)).toContain('[hidden]');
  expect(JSON.stringify(line)).not.toContain(ticket);
});

test('an error shows its message and stack without what looks like a secret in them', () => {
  const error = new TypeError(`cannot read ${ticket} of worker 0b50f3a1-58a5-4e0c-8f2c-1f6f3b1f8c11`, {
    cause: new Error(`password ${'x'.repeat(32)}`),
  });
  const [line] = logged('info', (log) =>
    log.error({ err: Object.assign(error, { params: ticket }) }, 'failed'),
  );
  expect(line.err.type).toBe('TypeError');
  expect(line.err.message).toBe('cannot read [hidden] of worker 0b50f3a1-58a5-4e0c-8f2c-1f6f3b1f8c11');
  expect(line.err.stack).toContain('logging.test.ts');
  expect(line.err.cause.message).toBe('password [hidden]');
  expect(JSON.stringify(line)).not.toContain(ticket);
});

test('what was thrown without being an error is hidden too', () => {
  const [line] = logged('info', (log) => log.error({ err: ticket }, 'failed'));
  expect(line.err).toEqual({ type: 'string', message: '[hidden]' });
});

test('an error logged by itself does not lend its message to the line', () => {
  const password = `password ${'x'.repeat(32)}`;
  const lines = logged('info', (log) => {
    log.error(new Error(password));
    log.error({ err: new Error(password) });
  });
  expect(lines).toMatchObject([{ msg: 'an error' }, { msg: 'an error' }]);
  expect(JSON.stringify(lines)).not.toContain('xxx');
});

test('a ticket is hidden even where nobody expects one', () => {
  const [line] = logged('info', (log) => log.info({ path: `/rooms/${ticket}` }, `took ${ticket}`));
  expect(line).toMatchObject({ path: '/rooms/[hidden]', msg: 'took [hidden]' });
});

test('a plain message with values is written as it is', () => {
  const lines = logged('info', (log) => {
    log.info('listening on %s', 'localhost');
    log.info({ port: 1 }, 'listening on %s', 'localhost');
  });
  expect(lines.map(({ msg }) => msg)).toEqual(['listening on localhost', 'listening on localhost']);
});

test('lines below the level are not written', () => {
  expect(logged('info', (log) => log.debug('said'))).toEqual([]);
  expect(logged('silent', (log) => log.fatal('said'))).toEqual([]);
});

test('the life of a member is one line each, and what only enforce would refuse names member and room', () => {
  const lines = logged('info', (log) => {
    const heard = logEvents(log, known);
    const at = { sdkAppId: 1, room: 'n:7', lifeId: 'l', number: 1, at: 5, userId: 'ana', memberId: 'm' };
    heard({ ...at, kind: 'memberEntered', scene: 'rtc', role: 'anchor', permissions: 255 });
    heard({ ...at, kind: 'memberLeft', reason: 'exit', removal: undefined });
    heard({ ...at, kind: 'memberResumed' });
    heard({ kind: 'refused', sdkAppId: 1, at: 5, cause: 'roomFull', observed: false });
    heard({ ...at, kind: 'refused', cause: 'sendVideoDenied', observed: true });
    heard({ ...at, kind: 'lacking', permissions: ['sendVideo'] });
    heard({ ...at, kind: 'roomEnded' });
  });
  expect(lines).toMatchObject([
    { level: 'info', msg: 'member entered', room: '1/n:7', userId: 'ana' },
    { level: 'info', msg: 'member left', reason: 'exit' },
    { level: 'info', msg: 'member resumed', room: '1/n:7', userId: 'ana' },
    { level: 'info', msg: 'request refused', cause: 'roomFull', observed: false },
    {
      msg: 'request would be refused',
      cause: 'sendVideoDenied',
      room: '1/n:7',
      userId: 'ana',
      observed: true,
    },
    { msg: 'key would not hold permissions in use', userId: 'ana', permissions: ['sendVideo'] },
  ]);
});

test('who has no ticket, and a user who enters again and again, cannot fill the log', () => {
  const lines = logged('info', (log) => {
    const heard = logEvents(log, known);
    const refused = { kind: 'refused', at: 5, observed: false } as const;
    for (let sdkAppId = 2; sdkAppId < 100; sdkAppId++) {
      heard({ ...refused, sdkAppId, cause: 'applicationUnknown' });
      heard({ ...refused, sdkAppId, cause: 'resumeRefused' });
    }
    heard({ ...refused, sdkAppId: 1, cause: 'resumeRefused' });
    for (let n = 0; n < 100; n++) {
      const stay = { room: `n:${n}`, lifeId: 'l', number: n, userId: 'ana', memberId: `m${n}` };
      heard({ ...refused, ...stay, sdkAppId: 1, cause: 'sendVideoDenied' });
    }
  });
  expect(lines).toHaveLength(10 + 10 + 1 + 10);
});

test.each(['memberEntered', 'memberLeft', 'memberResumed', 'lacking'] as const)(
  'a member with good tickets cannot fill the log with lines of %s, and takes no line from others',
  (kind) => {
    const lines = logged('info', (log) => {
      const heard = logEvents(log, known);
      const happen = (userId: string, number: number) =>
        heard({
          kind,
          sdkAppId: 1,
          room: `n:${number}`,
          lifeId: 'l',
          number,
          at: 5 + number,
          userId,
          memberId: `m${number}`,
          scene: 'rtc',
          role: 'anchor',
          reason: 'exit',
          removal: undefined,
          permissions: kind === 'lacking' ? ['sendVideo'] : 255,
        } as RoomEvent);
      for (let number = 0; number < 1000; number++) happen('ana', number);
      happen('bob', 0);
      happen('ana', 60_000);
    });
    expect(lines).toHaveLength(10 + 1 + 1);
    expect(lines.at(-2)).toMatchObject({ userId: 'bob' });
    expect(lines.at(-1)).toMatchObject({ userId: 'ana', unwritten: 990 });
  },
);

test('media calls that fail again and again for one user are a few lines, which name it and its room', () => {
  const lines = logged('info', (log) => {
    const failed = logMediaFailures(log, { now: () => 5 });
    const refusal = new ServiceError('codecUnsupported');
    for (let n = 0; n < 100; n++) failed(refusal, { sdkAppId: 1, room: `1/n:${n}`, userId: 'ana' });
    failed(refusal, { sdkAppId: 1, room: '1/n:7', userId: 'bob' });
    for (let n = 0; n < 100; n++) failed(new TypeError('of nobody'));
  });
  expect(lines).toHaveLength(10 + 1 + 10);
  expect(lines[10]).toMatchObject({
    level: 'warn',
    msg: 'media call failed',
    room: '1/n:7',
    userId: 'bob',
    cause: 'codecUnsupported',
  });
});

test('what members bring about at the media engine is a few lines of each text; what else it says is all written', () => {
  const lines = logged('info', (log) => {
    const tell = logMedia(log, { now: () => 5 });
    for (let n = 0; n < 100; n++) {
      tell('warn', 'a picture did not reach a receiver', { track: `t${n}` });
      tell('warn', `transport ${n} of 0b50f3a1-58a5-4e0c-8f2c-${100_000_000_000 + n} is odd`, {
        source: 'x',
      });
      tell('error', 'a media worker died and is started again', { place: `p${n}` });
    }
  });
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(20);
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(100);
});

test('a fault that comes again and again is a few lines, and hides no other', () => {
  const lines = logged('info', (log) => {
    const fault = logFaults(log, { now: () => 5 });
    for (let n = 0; n < 100; n++) fault(new TypeError(`one ${n}`));
    fault(new TypeError('other'));
    fault('thrown');
  });
  expect(lines).toHaveLength(12);
});

test("an operator's action is one line, with the number of users in the place of their names", () => {
  const by = {
    action: 'kick',
    actor: { type: 'operator', id: 'olga' } as const,
    cause: 'rude',
    sdkAppId: 1,
    room: 'n:7',
  } as const;
  const action: OperatorAction = { kind: 'operatorAction', ...by, userIds: ['ana', 'bob'], at: 5 };
  const [line] = logged('info', (log) => logEvents(log, known)(action));
  expect(line).toEqual({ level: 'info', time: expect.any(String), msg: 'operator action', ...by, users: 2 });
});

test('a change of an application is one line, without what it was changed to', () => {
  const by = { action: 'set', actor: { type: 'operator', id: 'olga' } as const, sdkAppId: 1 } as const;
  const change = { kind: 'applicationChanged', ...by, to: { name: 'x' }, room: undefined, at: 5 } as const;
  const [line] = logged('info', (log) => logEvents(log, known)(change));
  expect(line).toEqual({ level: 'info', time: expect.any(String), msg: 'application changed', ...by });
});
