import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CacheSlot, cacheSlot } from './cache.ts';
import { edits } from './recipe.ts';
import { buildWorker } from './worker-build.ts';

let folder: string;
let source: string;
let slot: CacheSlot;
let shown: string;
const screen = {
  write: (text: string): void => {
    shown += text;
  },
};

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'worker-build-'));
  source = path.join(folder, 'source');
  slot = cacheSlot(folder, 'slot');
  shown = '';
  mkdirSync(slot.folder);
  for (const { file, find } of edits) {
    mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
    writeFileSync(path.join(source, file), `${find}\n`, { flag: 'a' });
  }
  mkdirSync(path.join(source, 'subprojects'));
  writeFileSync(path.join(source, 'subprojects/openssl.wrap'), '');
  mkdirSync(path.join(folder, 'bin'));
  vi.stubEnv('PATH', `${path.join(folder, 'bin')}:${process.env['PATH']}`);
  tool('meson', 'echo meson >> ../../calls; mkdir -p build');
  tool('ninja', 'echo ninja >> ../../calls; echo "[1/1] Linking"; echo made > build/mediasoup-worker');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function tool(name: string, script: string): void {
  const file = path.join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function calls(): string[] {
  return readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n');
}

test('an edited copy of the source is built; the source itself stays as it is', async () => {
  const before = readFileSync(path.join(source, 'meson.build'), 'utf8');
  const built = await buildWorker(source, slot, screen);
  expect(readFileSync(built, 'utf8')).toBe('made\n');
  for (const { file, find, replace } of edits) {
    const text = readFileSync(path.join(slot.work, file), 'utf8');
    expect(text).toContain(replace);
    expect(text).not.toContain(find);
  }
  expect(existsSync(path.join(slot.work, 'subprojects/openssl.wrap'))).toBe(false);
  expect(existsSync(path.join(slot.work, 'subprojects/openssl/meson.build'))).toBe(true);
  expect(existsSync(path.join(slot.work, 'shim/ankerl/unordered_dense.h'))).toBe(true);
  expect(readFileSync(path.join(source, 'meson.build'), 'utf8')).toBe(before);
  expect(shown).toContain('100 % (1 of 1)');
});

test('a build that stopped half-way goes on where it was', async () => {
  await buildWorker(source, slot, screen);
  await buildWorker(source, slot, screen);
  expect(calls()).toEqual(['meson', 'ninja', 'ninja']);
});

test('a build that stopped before it was set up begins anew', async () => {
  tool('meson', 'echo meson >> ../../calls; echo no such library; exit 1');
  await expect(buildWorker(source, slot, screen)).rejects.toThrow('no such library');
  tool('meson', 'echo meson >> ../../calls; mkdir -p build');
  await buildWorker(source, slot, screen);
  expect(calls()).toEqual(['meson', 'meson', 'ninja']);
});

test('a build that cannot go on is done again from the start', async () => {
  await buildWorker(source, slot, screen);
  tool(
    'ninja',
    'echo ninja >> ../../calls; [ ! -e build/mediasoup-worker ] && echo again > build/mediasoup-worker',
  );
  const built = await buildWorker(source, slot, screen);
  expect(readFileSync(built, 'utf8')).toBe('again\n');
  expect(calls()).toEqual(['meson', 'ninja', 'ninja', 'meson', 'ninja']);
});

test('a failed build tells the end of its output and where the rest is', async () => {
  tool('ninja', 'echo "x.cpp:1: error: expected ;"; exit 1');
  const failure = expect(buildWorker(source, slot, screen)).rejects;
  await failure.toThrow('x.cpp:1: error: expected ;');
  expect(readFileSync(slot.log, 'utf8')).toContain('x.cpp:1: error');
});

test('a source that the edits do not fit is refused before anything is compiled', async () => {
  writeFileSync(path.join(source, 'meson.build'), 'other');
  await expect(buildWorker(source, slot, screen)).rejects.toThrow('not the expected one: meson.build');
  expect(existsSync(path.join(folder, 'calls'))).toBe(false);
});
