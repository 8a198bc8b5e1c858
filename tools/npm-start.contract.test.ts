import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildPackages } from './build/packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs `npm start` until it is ready, and hands over its address. */
async function whileStarted(
  options: { readonly env: NodeJS.ProcessEnv; readonly uid?: number },
  use: (url: string, npm: ChildProcess, output: () => string) => Promise<void>,
): Promise<void> {
  const npm = spawn('npm', ['start'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  try {
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        output += chunk.toString();
        const [, ready] = /Roomkey is ready at (http:\S+)/.exec(output) ?? [];
        if (ready) resolve(ready);
      };
      npm.stdout.on('data', hear);
      npm.stderr.on('data', hear);
      npm.once('exit', () => reject(new Error(output)));
    });
    await use(url, npm, () => output);
  } finally {
    npm.kill('SIGKILL');
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'roomkey-npm-start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const settings = () => ({
  ROOMKEY_PORT: '0',
  ROOMKEY_MEDIA_PORT: '0',
  ROOMKEY_DATA_DIR: path.join(folder, 'data'),
});

test('npm start that is told to stop stops the service', async () => {
  await whileStarted({ env: { ...process.env, ...settings() } }, async (url, npm) => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const exited = once(npm, 'exit');
    npm.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

// Only root can become another user.
test.skipIf(process.getuid?.() !== 0)(
  'npm start just starts for a user who can write neither the tree nor a home, with a worker at hand',
  async () => {
    await buildPackages();
    const workerBin = path.join(folder, 'mediasoup-worker');
    copyFileSync(process.env['ROOMKEY_WORKER_BIN'] ?? '', workerBin);
    chmodSync(workerBin, 0o755);
    chmodSync(folder, 0o777);
    const { PATH } = process.env;
    const env = { PATH, HOME: '/nonexistent', ROOMKEY_WORKER_BIN: workerBin, ...settings() };
    await whileStarted({ env, uid: 65_534 }, async (url, npm, output) => {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(output()).not.toMatch(/error|EACCES/i);
      const exited = once(npm, 'exit');
      npm.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    });
  },
);
