import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findWorker } from './media-worker.ts';
import { workerStarts } from './worker-start.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'smoke-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function smokeTest(worker: string): { status: number | null; stderr: string } {
  const program = fileURLToPath(new URL('smoke-test.ts', import.meta.url));
  return spawnSync(process.execPath, ['--import', 'tsx', program, worker], { encoding: 'utf8' });
}

test('the media worker of this computer starts, shakes hands and passes on a packet', async () => {
  const worker = await findWorker();
  expect(worker).toBeDefined();
  expect(await workerStarts(worker ?? '')).toBe(true);
  expect(smokeTest(worker ?? '')).toMatchObject({ status: 0, stderr: '' });
});

test('a program that is no media worker is told from one', async () => {
  const fake = path.join(folder, 'mediasoup-worker');
  writeFileSync(fake, '#!/bin/sh\nexit 1\n');
  chmodSync(fake, 0o755);
  expect(await workerStarts(fake)).toBe(false);
  expect(await workerStarts(path.join(folder, 'nothing'))).toBe(false);
  expect(await workerStarts(path.join(fake, 'below-a-file'))).toBe(false);
  expect(smokeTest(fake).status).not.toBe(0);
});
