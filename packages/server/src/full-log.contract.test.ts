import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const program = `
  import { createLogger } from './src/logging.ts';
  const log = createLogger({ level: 'info' });
  for (let line = 0; line < 20_000; line++) log.info({ line }, 'one of many lines, more than may wait');
  setTimeout(() => {
    log.info('later');
    console.error('goes on');
  }, 200);
`;

test('a process whose log has no room on the disk goes on, and ends when it has nothing more to do', () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const args = ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const { status, signal, stderr } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: 'goes on\n' });
});
