import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isUsageError, runCommandLine } from '../terminal/command-line.fixture.ts';
import { addSecretOptions, readSecret, type SecretOptions } from './secret.ts';

const SECRET = 'f0'.repeat(32);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-secret-'));
  file = path.join(folder, 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], rest?: Parameters<typeof runCommandLine>[2]) =>
  runCommandLine(
    [
      (program, terminal) =>
        void addSecretOptions(program.command('take')).action(async (options: SecretOptions) => {
          terminal.out(JSON.stringify({ secret: await readSecret(options, terminal) }));
        }),
    ],
    ['take', ...args],
    rest,
  );

const taken = async (...args: Parameters<typeof run>) => JSON.parse((await run(...args)).out).secret;

test('a secret key comes from a file, with or without a line end', async () => {
  for (const end of ['', '\n', '\r\n']) {
    writeFileSync(file, SECRET + end);
    expect(await taken(['--secret-file', file])).toBe(SECRET);
  }
});

test('a secret key comes from standard input, in any pieces', async () => {
  expect(await taken(['--secret-stdin'], { stdin: [SECRET.slice(0, 9), SECRET.slice(9), '\n'] })).toBe(
    SECRET,
  );
});

test('a secret key comes from a variable that is named', async () => {
  expect(await taken(['--secret-env', 'OLD_KEY'], { env: { OLD_KEY: SECRET } })).toBe(SECRET);
});

test('without an option no secret key is looked for', async () => {
  expect(await taken([], { env: { ROOMKEY_SECRET_KEY: SECRET }, stdin: [SECRET] })).toBeUndefined();
});

test('only one place can be named', async () => {
  for (const args of [
    ['--secret-stdin', '--secret-env', 'A'],
    ['--secret-stdin', '--secret-file', file],
    ['--secret-env', 'A', '--secret-file', file],
  ])
    expect(isUsageError((await run(args)).error)).toBe(true);
});

test('a place without a secret key is an error', async () => {
  writeFileSync(file, '\n');
  for (const args of [
    ['--secret-file', file],
    ['--secret-file', path.join(folder, 'missing')],
    ['--secret-file', folder],
    ['--secret-stdin'],
    ['--secret-env', 'MISSING'],
  ]) {
    const { out, error } = await run(args);
    expect(out).toBe('');
    expect(String(error)).toMatch(/There is no secret key in|cannot be read/);
  }
});

test('an endless input is not read to its end', async () => {
  const { error } = await run(['--secret-stdin'], {
    stdin: Array.from({ length: 100 }, () => 'x'.repeat(1000)),
  });
  expect(String(error)).toContain('too long');
});

test('nor is an endless file', async () => {
  const { error } = await run(['--secret-file', '/dev/zero']);
  expect(String(error)).toContain('too long');
});

test('a key that is given as an argument is never repeated', async () => {
  for (const args of [
    ['--secret-env', SECRET],
    ['--secret-env', 'a-b'],
    ['--secret-file', SECRET],
    ['--secret', SECRET],
    [SECRET],
  ]) {
    const { out, err, error } = await run(args, { env: { [SECRET]: SECRET } });
    expect(error).toBeInstanceOf(Error);
    expect(out + err + String(error)).not.toContain(args.at(-1));
  }
});

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

test.each([
  ['with a byte order mark', Buffer.from(`\ufeff${SECRET}\n`), /byte order mark/],
  ['in UTF-16', utf16(`${SECRET}\r\n`), /byte order mark/],
  ['in UTF-16 without a mark', Buffer.from(SECRET, 'utf16le'), /plain text/],
  ['in Latin-1', Buffer.from(`${SECRET}é`, 'latin1'), /plain text/],
  ['with a blank behind it', Buffer.from(`${SECRET} \n`), /without blanks/],
  ['with a blank before it', Buffer.from(` ${SECRET}`), /without blanks/],
  ['with a tab', Buffer.from(`${SECRET}\t`), /without blanks/],
  ['with two line ends', Buffer.from(`${SECRET}\n\n`), /one line/],
  ['of two lines', Buffer.from(`${SECRET}\n${SECRET}\n`), /one line/],
  ['with a letter that is not ASCII', Buffer.from(`${SECRET}é`), /visible ASCII/],
])('a secret key %s is refused, wherever it is, and not repeated', async (_, bytes, why) => {
  writeFileSync(file, bytes);
  const outcomes = [
    await run(['--secret-file', file]),
    await run(['--secret-stdin'], { stdin: [bytes.subarray(0, 65), bytes.subarray(65)] }),
    await run(['--secret-env', 'OLD_KEY'], { env: { OLD_KEY: bytes.toString() } }),
  ];
  for (const { out, error } of outcomes) {
    expect(out).toBe('');
    expect(String(error)).toMatch(why);
    expect(String(error)).not.toContain('f0f0');
  }
});
