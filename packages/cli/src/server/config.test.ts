import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../terminal/command-line.fixture.ts';
import { addConfigCommand } from './config.ts';

const run = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  runCommandLine([addConfigCommand], ['config', ...args], { env });

const env = { ROOMKEY_PORT: '9000', ROOMKEY_MASTER_KEY: 'a'.repeat(64), ROOMKEY_DEMO: 'off' };

test('config prints every setting with its value and where that is from', async () => {
  const { out, error } = await run([], env);
  expect(error).toBeUndefined();
  expect(out).toMatch(/^VARIABLE +VALUE +FROM$/m);
  expect(out).toMatch(/^ROOMKEY_PORT +9000 +environment$/m);
  expect(out).toMatch(/^ROOMKEY_DEMO +off +environment$/m);
  expect(out).toMatch(/^ROOMKEY_HOST +127\.0\.0\.1 +default$/m);
  expect(out).toMatch(/^ROOMKEY_PUBLIC_URL +- +default$/m);
});

test('config hides secrets', async () => {
  for (const args of [[], ['--json']]) {
    const { out } = await run(args, env);
    expect(out).toContain('(hidden)');
    expect(out).not.toContain('aaaa');
  }
});

test('config --json prints one object', async () => {
  const { out } = await run(['--json'], env);
  expect(JSON.parse(out)).toMatchObject({
    ROOMKEY_PORT: { value: 9000, source: 'environment' },
    ROOMKEY_DEMO: { value: false, source: 'environment' },
    ROOMKEY_PUBLIC_URL: { value: null, source: 'default' },
  });
});

test('config refuses what the server would refuse to start with', async () => {
  const { out, error } = await run([], { ROOMKEY_PORT: 'x', ROOMKEY_PROT: '1' });
  expect(out).toBe('');
  expect(error).toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(/ROOMKEY_PROT.*\n.*ROOMKEY_PORT/),
  });
});

test('config looks at the files that the settings name', async () => {
  const files = { ROOMKEY_TLS_CERT: '/nowhere/cert.pem', ROOMKEY_TLS_KEY: '/nowhere/key.pem' };
  const { out, error } = await run(['--json'], { ...files, ROOMKEY_WORKER_BIN: '/nowhere/worker' });
  expect(out).toBe('');
  expect(error).toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(/ROOMKEY_TLS_CERT.*ENOENT[\s\S]*ROOMKEY_WORKER_BIN.*ENOENT/),
  });
});

test('config refuses a data folder with which the start would fail', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-config-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = path.join(parent, 'data');
  const refusal = async (ROOMKEY_DATA_DIR: string) => {
    const { error } = await run([], { ROOMKEY_DATA_DIR });
    return error && String(error);
  };
  expect(await refusal(folder)).toBeUndefined();
  expect(await refusal(path.join(folder, 'below'))).toMatch(`names ${folder}, which cannot be written`);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  expect(await refusal(folder)).toBeUndefined();
  writeFileSync(path.join(folder, 'roomkey.db'), '');
  expect(await refusal(folder)).toMatch('others may read');
  chmodSync(folder, 0o700);
  expect(await refusal(folder)).toBeUndefined();
});

test.each(['roomkey.db', 'journal.db', 'journal.db-wal', 'journal.anchors', 'lock.db'])(
  'config refuses a data folder whose %s cannot be written',
  async (name) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(path.join(folder, name));
    expect(String((await run([], { ROOMKEY_DATA_DIR: folder })).error)).toMatch(
      `ROOMKEY_DATA_DIR names ${path.join(folder, name)}, which is no file`,
    );
  },
);

test('config refuses a data folder that is a link to nothing, and takes one that is a link to a folder', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-config-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const [folder, link] = [path.join(parent, 'data'), path.join(parent, 'link')];
  symlinkSync(folder, link);
  expect(String((await run([], { ROOMKEY_DATA_DIR: link })).error)).toMatch('a symbolic link to a folder');
  mkdirSync(folder, { mode: 0o700 });
  expect((await run([], { ROOMKEY_DATA_DIR: link })).error).toBeUndefined();
});

test('config refuses a data folder in which the admin socket, the master key or the database is not as the start wants it', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-config-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = path.join(parent, 'data');
  mkdirSync(folder, { mode: 0o700 });
  const refusal = async (given: NodeJS.ProcessEnv = {}) => {
    const { out, error } = await run([], { ROOMKEY_DATA_DIR: folder, ...given });
    if (error) expect(out).toBe('');
    return error && String(error);
  };
  expect(await refusal({ ROOMKEY_DATA_DIR: path.join(parent, 'x'.repeat(103)) })).toMatch(
    /admin\.sock has \d+ bytes, and the path of a socket at most 103/,
  );
  writeFileSync(path.join(folder, 'roomkey.db'), 'something', { mode: 0o600 });
  writeFileSync(path.join(folder, 'master.key'), 'no key', { mode: 0o600 });
  writeFileSync(path.join(folder, 'admin.sock'), 'no socket', { mode: 0o600 });
  expect(await refusal()).toMatch(/admin\.sock is no socket[\s\S]*master\.key is no master key/);
  rmSync(path.join(folder, 'admin.sock'));
  expect(await refusal({ ROOMKEY_MASTER_KEY: 'a'.repeat(64) })).toBeUndefined();
  writeFileSync(path.join(folder, 'master.key'), `${'a'.repeat(64)}\n`);
  expect(await refusal()).toBeUndefined();
  chmodSync(path.join(folder, 'master.key'), 0o644);
  expect(await refusal()).toMatch(/Others may read .*master\.key/);
  chmodSync(path.join(folder, 'master.key'), 0o600);
  rmSync(path.join(folder, 'roomkey.db'));
  expect(await refusal()).toMatch(/roomkey\.db is gone, but .*master\.key is there/);
});
