import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test('npm start that is told to stop stops the service', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'roomkey-npm-start-'));
  const env = {
    ...process.env,
    ROOMKEY_PORT: '0',
    ROOMKEY_MEDIA_PORT: '0',
    ROOMKEY_DATA_DIR: path.join(folder, 'data'),
  };
  const npm = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
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
    expect((await fetch(`${url}/healthz`)).status).toBe(200);

    const exited = once(npm, 'exit');
    npm.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  } finally {
    npm.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
