import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, watch } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runInForeground } from './foreground.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'foreground-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a script; once it has written a file into the folder, sends the signals. */
async function runAndSignal(script: string, signals: NodeJS.Signals[]): Promise<number> {
  const source = new EventEmitter();
  const watcher = watch(folder);
  const ready = once(watcher, 'change');
  const running = runInForeground(['-e', script], { ...process.env, FOLDER: folder }, source);
  await ready;
  watcher.close();
  for (const signal of signals) source.emit(signal, signal);
  const code = await running;
  expect(source.eventNames()).toEqual([]);
  return code;
}

const ready = "require('fs').writeFileSync(process.env.FOLDER + '/ready', '');";
const stayAlive = 'setInterval(() => {}, 1000);';

test('the exit code is the program’s', async () => {
  expect(await runInForeground(['-e', 'process.exit(7)'], process.env)).toBe(7);
});

test('a program that a signal ended has 128 and the number of the signal', async () => {
  expect(await runInForeground(['-e', "process.kill(process.pid, 'SIGKILL')"], process.env)).toBe(137);
});

test('signals reach the program, which ends as it likes', async () => {
  const script = `process.on('SIGTERM', () => process.exit(5)); ${ready} ${stayAlive}`;
  expect(await runAndSignal(script, ['SIGTERM'])).toBe(5);
});

test('one press of Ctrl-C that arrives twice is one signal', async () => {
  const script = `let n = 0;
    process.on('SIGINT', () => { n += 1; setTimeout(() => process.exit(n), 50); });
    ${ready} ${stayAlive}`;
  expect(await runAndSignal(script, ['SIGINT', 'SIGINT'])).toBe(1);
});
