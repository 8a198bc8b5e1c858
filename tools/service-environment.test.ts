import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { takeServiceEnvironment } from './service-environment.ts';

test('what set-up starts inherits no setting of the service, and the service gets all of them', () => {
  vi.stubEnv('ROOMKEY_MASTER_KEY', 'ab'.repeat(32));
  vi.stubEnv('ROOMKEY_WORKER_BIN', '/worker');
  onTestFinished(() => void vi.unstubAllEnvs());
  const forService = takeServiceEnvironment();
  const { stdout } = spawnSync('env', { encoding: 'utf8' });
  expect(stdout).toContain('PATH=');
  expect(stdout).toContain('ROOMKEY_WORKER_BIN=/worker');
  expect(stdout).not.toContain('ROOMKEY_MASTER_KEY');
  expect(forService).toMatchObject({ ROOMKEY_MASTER_KEY: 'ab'.repeat(32), ROOMKEY_WORKER_BIN: '/worker' });
});
