import { expect, test } from 'vitest';
import { run } from './program.ts';

async function roomkey(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(args, {
    env: {},
    stdin: (async function* () {})(),
    out: (text) => void out.push(text),
    flushed: async () => {},
    err: (text) => void err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('the help lists every command and ends with 0', async () => {
  const { code, out, err } = await roomkey('--help');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const name of [
    'serve',
    'config',
    'status',
    'app',
    'room',
    'member',
    'revoke',
    'journal',
    'usage',
    'key',
    'ticket',
  ])
    expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test('--cause is promised to the member only where it can be read: with a denial', async () => {
  const says = async (...command: string[]) =>
    (await roomkey(...command, '--help')).out.replace(/\s+/g, ' ').includes('which the member can read');
  expect(await says('member', 'deny')).toBe(true);
  for (const [area, name] of [
    ['member', 'allow'],
    ['member', 'kick'],
    ['member', 'ban'],
    ['room', 'dismiss'],
    ['revoke', 'user'],
  ] as const)
    expect(await says(area, name)).toBe(false);
});

test('a time that the help gives as an example is over', async () => {
  for (const command of [
    ['revoke', 'room'],
    ['journal', 'show'],
    ['journal', 'export'],
  ]) {
    const examples = (await roomkey(...command, '--help')).out.match(/\d{4}-\d\d-\d\dT[\d:]+Z/g) ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(example < '2026-11-01').toBe(true);
  }
});

test('the version is that of the package', async () => {
  expect(await roomkey('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    err: '',
  });
});

test.each([[[]], [['nonsense']], [['ticket']], [['--nonsense']], [['config', 'extra']]])(
  'the command line %j is wrong, and help is offered',
  async (args) => {
    const { code, out, err } = await roomkey(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/Usage:|--help/);
  },
);

test.each([
  ['help'],
  ['-h'],
  ['member', '--help'],
  ['member', 'help', 'kick'],
  ['help', 'member'],
  ['member', 'kick', '-h'],
  ['app', 'key', 'add', '--help'],
])('%s %s %s %s shows the help', async (...args) => {
  const { code, out, err } = await roomkey(...args.filter((arg) => arg !== undefined));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Usage: roomkey');
});

const room = ['--room-id', '5'];

test.each([
  [['member', 'kick', '7', '-h', ...room]],
  [['member', 'kick', '7', '--help', ...room]],
  [['member', 'kick', '7', 'bob', '-h', ...room]],
  [['member', 'deny', '7', '-h', '--bits', '4', ...room]],
  [['member', 'deny', '-h', '--bits', '4', ...room]],
  [['member', 'ban', '7', '-h']],
  [['member', 'ban', '7', '-V']],
  [['member', 'ban', '7', '--version']],
  [['member', 'ban', '-V', '7', 'bob']],
  [['--version', 'member', 'ban', '7', 'bob']],
  [['revoke', 'user', '7', '--help']],
  [['revoke', 'user', '7', '-V']],
  [['member', 'ban', '7', '--all']],
  [['member', 'kick', '7', '--json', ...room]],
  [['member', 'kick', '7', '--cause', ...room]],
])('a user id that reads like an option ends with 2: %j', async (args) => {
  const { code, out, err } = await roomkey(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('goes behind "--"');
});

test.each([
  [['member', 'deny', '--bits', '4', ...room, '7', 'alice', '--json']],
  [['member', 'deny', '7', 'alice', '--json', '--bits', '4', ...room]],
  [['member', 'allow', '--bits', '4', ...room, '7', 'alice', '--cause', 'bob']],
  [['member', 'deny', '--bits', '4', ...room, '7', '--json', 'bob']],
  [['member', 'deny', '--bits', '4', ...room, '7', 'alice', '--for', '2h']],
  [['member', 'deny', '--bits', '4', ...room, '7', 'alice', '--cause=x', '--', 'bob']],
  [['member', 'kick', ...room, '7', 'alice', '--json']],
  [['member', 'kick', '7', 'alice', ...room]],
  [['member', 'kick', '7', ...room, 'alice']],
  [['member', 'ban', '7', 'alice', '--cause', 'bob']],
  [['member', 'ban', '7', '--cause', '--for', '2h']],
  [['member', 'unban', '7', 'alice', '--json']],
  [['member', 'show', '7', 'alice', ...room]],
  [['revoke', 'user', '7', '--cause', '--before', '1700000000']],
  [['revoke', 'user', '7', 'alice', '--json']],
])('an option behind the number of the application, where users are named, ends with 2: %j', async (args) => {
  const { code, out, err } = await roomkey(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('stands behind the number of the application, where it could be a user id');
  expect(err).toContain('goes behind "--"');
});

test.each([
  [['member', 'deny', '--bits', '4', ...room, '7', 'alice', 'bob']],
  [['member', 'deny', '--bits', '4', ...room, '--', '7', 'alice', '--json']],
  [['member', 'deny', '7', '--bits', '4', ...room, '--', 'alice', '--json']],
  [['member', 'deny', '7', '--users', '@all', '--bits', '4', ...room]],
  [['member', 'kick', '--cause', '--json', ...room, '7', 'alice']],
  [['member', 'kick', ...room, '7', 'member', 'kick', '-5']],
  [['member', 'kick', '7', ...room, '--json', '--', '--json']],
  [['member', 'ban', '--for', '2h', '7', 'alice']],
  [['revoke', 'user', '--cause=x', '7', 'alice']],
])('options before the number, and what is behind --, are as they are meant: %j', async (args) => {
  const { code, err } = await roomkey(...args);
  expect(code).toBe(1);
  expect(err).toMatch(/^roomkey: There is no data in|^roomkey: No server runs/);
});

test.each([
  [
    '--except',
    ['member', 'deny', '--users', '@all', '--except', 'ana', '--except', 'eve', '--bits', '4', ...room, '7'],
  ],
  ['--bits', ['member', 'deny', '--bits', 'sendAudio', '--bits=sendVideo', ...room, '7', 'bob']],
  ['--room-id', ['member', 'kick', ...room, ...room, '7', 'bob']],
  ['--before', ['revoke', 'user', '--before', '1700000000', '--before', '1800000000', '7', 'bob']],
  ['--max-rooms', ['app', 'set', '7', '--max-rooms', '3', '--max-rooms', '4']],
  ['--user', ['journal', 'show', '--user', 'ana', '--user', 'bob']],
  ['--secret-file', ['ticket', 'verify', '--secret-file', 'a', '--secret-file', 'b']],
])('%s ends with 2 when it is given twice, because one value would be forgotten', async (name, args) => {
  const { code, out, err } = await roomkey(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`error: ${name} is given twice; give it once`);
});

test.each([
  [['journal', 'show', '--kind', 'banned', '--kind', 'kicked']],
  [['member', 'ban', '--json', '--json', '7', 'bob']],
])('a list may go on, and what has no value may come again: %j', async (args) => {
  const { code, err } = await roomkey(...args);
  expect(code).toBe(1);
  expect(err).toMatch(/^roomkey: There is no data in/);
});
