import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/* The program as processes, in one data folder, from its first start on. The tests build on each other. */

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const children = new Set<ChildProcess>();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-processes-'));
});

afterAll(async () => {
  for (const child of children) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

function roomkey(...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ROOMKEY_DATA_DIR: path.join(folder, 'data'),
      ROOMKEY_PORT: '0',
      ROOMKEY_MEDIA_PORT: '0',
      ROOMKEY_WORKERS: '1',
    },
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined;
  child.kill(signal);
  await exited;
  return child.exitCode;
}

/** Runs a command to its end. */
async function command(...args: string[]) {
  const child = roomkey(...args);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

/** Starts the server and waits until it says that it is ready; collects what it says. */
async function serve() {
  const child = roomkey('serve');
  let said = '';
  const { promise: ready, resolve, reject } = deferred();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      said += `${line}\n`;
      if (line.startsWith('Roomkey is ready at ')) resolve();
    });
  child.once('close', () => reject(new Error(`the server ended:\n${said}`)));
  await ready;
  return { child, said: () => said };
}

function deferred() {
  let resolve = () => {};
  let reject = (_reason: Error) => {};
  const promise = new Promise<void>((good, bad) => {
    [resolve, reject] = [good, bad];
  });
  return { promise, resolve, reject };
}

const keyIds = async (): Promise<string[]> => {
  const { out } = await command('app', 'show', '1400000001', '--json');
  return JSON.parse(out).application.keys.map(({ keyId }: { keyId: string }) => keyId);
};

test('before the first start a command says that there is no data', async () => {
  const { code, out, err } = await command('app', 'list');
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^roomkey: There is no data in .*Start the server once/);
});

test('the first start says where the first secrets are, and no secret', async () => {
  const { child, said } = await serve();
  const file = path.join(folder, 'data', 'first-run.txt');
  await expect.poll(said).toContain(`The first secrets are in ${file}`);
  const [secret = 'none'] = readFileSync(file, 'utf8').match(/[0-9a-f]{64}/) ?? [];
  expect(secret).toHaveLength(64);
  expect(said()).not.toContain(secret);
  expect((await command('status')).out).toMatch(/^process +\d+$/m);
  expect(await end(child, 'SIGTERM')).toBe(0);
  expect(existsSync(path.join(folder, 'data', 'admin.sock'))).toBe(false);
});

test.each(['SIGINT', 'SIGHUP'] as const)('%s stops the server as SIGTERM does', async (signal) => {
  const { child, said } = await serve();
  expect(await end(child, signal)).toBe(0);
  expect(said()).toContain(`"signal":"${signal}"`);
  expect(existsSync(path.join(folder, 'data', 'admin.sock'))).toBe(false);
});

test('a second server on the same folder is refused, and the first one goes on', async () => {
  const { child } = await serve();
  const second = await command('serve');
  expect(second.code).toBe(1);
  expect(second.err).toMatch(/roomkey: Another Roomkey process uses/);
  expect((await command('app', 'key', 'add', '1400000001')).code).toBe(0);
  await end(child, 'SIGKILL');
});

test('after a server was killed, commands and the next server find what it had answered', async () => {
  expect(await keyIds()).toEqual(['k1', 'k2']);
  const { child } = await serve();
  expect(await keyIds()).toEqual(['k1', 'k2']);
  await end(child, 'SIGTERM');
});

test('every start says where the first secrets are, as long as nobody has taken them away', async () => {
  const file = path.join(folder, 'data', 'first-run.txt');
  const { child, said } = await serve();
  await expect.poll(said).toContain(`The first secrets are in ${file}`);
  await end(child, 'SIGTERM');
  rmSync(file);
  const later = await serve();
  expect(await end(later.child, 'SIGTERM')).toBe(0);
  expect(later.said()).toContain('Roomkey is ready at ');
  expect(later.said()).not.toContain('first secrets');
});

test('commands of several processes at the same time all take effect', async () => {
  const added = await Promise.all([1, 2, 3].map(() => command('app', 'key', 'add', '1400000001', '--json')));
  expect(added.map(({ code }) => code)).toEqual([0, 0, 0]);
  const ids = added.map(({ out }) => JSON.parse(out).key.keyId).sort();
  expect(ids).toEqual(['k3', 'k4', 'k5']);
  expect(await keyIds()).toEqual(['k1', 'k2', ...ids]);
});

test('a command line that is wrong ends with 2, a setting that is wrong with 1', async () => {
  expect((await command('app', 'show')).code).toBe(2);
  process.env['ROOMKEY_PROT'] = '1';
  const refused = await command('serve');
  delete process.env['ROOMKEY_PROT'];
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('ROOMKEY_PROT is no setting; did you mean ROOMKEY_PORT?');
});
