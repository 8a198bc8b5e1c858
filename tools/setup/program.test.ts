import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onPath, run } from './program.ts';
import { Interrupted } from './setup-error.ts';

let folder: string;
let log: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'program-'));
  log = path.join(folder, 'log');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('output goes to the log and line by line to the caller, and the exit code comes back', async () => {
  const lines: string[] = [];
  const code = await run('sh', ['-c', 'echo one; echo two >&2; exit 3'], {
    log,
    logMode: 'w',
    onLine: (line) => lines.push(line),
  });
  expect(code).toBe(3);
  expect(lines.sort()).toEqual(['one', 'two']);
  expect(readFileSync(log, 'utf8').split('\n').sort()).toEqual(['', 'one', 'two']);
});

test('a program that is not there is an error', async () => {
  await expect(run('no-such-program', [], { log, logMode: 'w' })).rejects.toThrow('ENOENT');
});

test('a signal ends the program and everything it started, and then the run', async () => {
  const signals = new EventEmitter();
  // The second process keeps the pipe open: as long as it lives, the run does not end.
  const running = run('sh', ['-c', 'sleep 600 & echo ready; wait'], {
    log,
    logMode: 'w',
    signals,
    onLine: () => signals.emit('SIGTERM', 'SIGTERM'),
  });
  await expect(running).rejects.toThrow(new Interrupted('SIGTERM'));
  expect(signals.listenerCount('SIGTERM')).toBe(0);
});

test('programs are found where a shell would find them', () => {
  expect(onPath('sh')).toMatch(/^\/.*\/sh$/);
  expect(onPath('no-such-program')).toBeUndefined();
  expect(onPath('sh', {})).toBeUndefined();
});
