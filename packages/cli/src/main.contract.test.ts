import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

const cli = fileURLToPath(new URL('..', import.meta.url));
const who = ['--sdk-app-id', '1400000001', '--user-id', 'alice'];

let folder: string;
let keyFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roomkey-cli-'));
  keyFile = join(folder, 'key.txt');
  writeFileSync(keyFile, `${'f0'.repeat(32)}\n`, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function node(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, args, { cwd: cli, input, encoding: 'utf8' });
}

/** The program from its source, as a process of its own. */
function roomkey(args: readonly string[], input?: string): SpawnSyncReturns<string> {
  return node(['--conditions=source', '--import', 'tsx', 'src/main.ts', ...args], input);
}

test('a ticket goes from one process to the next through standard input, and exit codes tell the outcome', () => {
  const signed = roomkey(['ticket', 'user-sig', ...who, '--secret-file', keyFile]);
  expect(signed).toMatchObject({ status: 0, stderr: '' });
  const good = roomkey(['ticket', 'verify', ...who, '--secret-file', keyFile], signed.stdout);
  expect(good).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^verified +UserSig\n/),
    stderr: '',
  });
  const refused = roomkey(
    ['ticket', 'verify', ...who, '--secret-file', keyFile, '--room-id', '1'],
    signed.stdout,
  );
  expect(refused).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('notAPrivateMapKey'),
  });
  expect(roomkey(['ticket', 'verify'], signed.stdout)).toMatchObject({ status: 2, stdout: '' });
});

test('a reader that has read enough ends the program without a word', async () => {
  const args = ['--conditions=source', '--import', 'tsx', 'src/main.ts', 'app', '--help'];
  const child = spawn(process.execPath, args, { cwd: cli, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([said, child.exitCode]).toEqual(['', 1]);
});

test('a result that cannot be written is told in one line', () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const args = ['--conditions=source', '--import', 'tsx', 'src/main.ts', 'app', '--help'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: cli,
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'roomkey: The result cannot be written (ENOSPC).\n',
  });
});

test('before the build the launcher says what to run', () => {
  cpSync(join(cli, 'bin'), join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { status, stderr } = node([join(folder, 'bin', 'roomkey.js'), '--version']);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('npm run build') });
});
