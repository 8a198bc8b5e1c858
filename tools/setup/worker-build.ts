import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheSlot } from './cache.ts';
import { identify, isGroupAlive, type ProcessIdentity } from './process-identity.ts';
import { killGroup, run } from './program.ts';
import { Progress, parseStep, type Screen } from './progress.ts';
import { edits, mesonArguments, overlay } from './recipe.ts';
import { SetupError } from './setup-error.ts';
import { applyEdit } from './source-edit.ts';

/**
 * Builds the worker against the system's libraries; what an interrupted build has finished is not done again.
 * The caller holds the slot's lock.
 * @returns the built binary, inside the slot's work folder.
 * @throws SetupError with the end of the build's output.
 */
export async function buildWorker(source: string, slot: CacheSlot, screen: Screen): Promise<string> {
  await stopLeftover(slot);
  const resumed = existsSync(preparedMark(slot));
  if (resumed) screen.write('setup: going on with the build that was interrupted\n');
  else await prepare(source, slot);
  let code = await compile(slot, screen);
  if (code !== 0 && resumed) {
    // Compilers or libraries may have changed since the build began, or the disk may have lost something.
    await prepare(source, slot);
    code = await compile(slot, screen);
  }
  if (code !== 0) throw failure('the media worker could not be built', slot);
  return path.join(slot.work, 'build', 'mediasoup-worker');
}

/** Makes an edited copy of the source and a configured build folder. */
async function prepare(source: string, slot: CacheSlot): Promise<void> {
  rmSync(slot.work, { recursive: true, force: true });
  mkdirSync(slot.work, { recursive: true });
  cpSync(source, slot.work, { recursive: true });
  const subprojects = path.join(slot.work, 'subprojects');
  for (const name of readdirSync(subprojects)) {
    if (name.endsWith('.wrap')) rmSync(path.join(subprojects, name));
  }
  for (const edit of edits) {
    const file = path.join(slot.work, edit.file);
    writeFileSync(file, applyEdit(readFileSync(file, 'utf8'), edit));
  }
  cpSync(overlay, slot.work, { recursive: true });
  const code = await run('meson', ['setup', ...mesonArguments, 'build'], {
    cwd: slot.work,
    log: slot.log,
    logMode: 'w',
  });
  if (code !== 0) throw failure('meson could not set up the build of the media worker', slot);
  writeFileSync(preparedMark(slot), '');
}

async function compile(slot: CacheSlot, screen: Screen): Promise<number> {
  const progress = new Progress('setup: building the media worker:', screen);
  try {
    return await run('ninja', ['-C', 'build', 'mediasoup-worker'], {
      cwd: slot.work,
      env: { ...process.env, NINJA_STATUS: '[%f/%t] ' },
      log: slot.log,
      logMode: 'a',
      onStart: ({ pid }) => {
        if (pid !== undefined) writeFileSync(builderFile(slot), JSON.stringify(identify(pid)));
      },
      onLine: (line) => {
        const step = parseStep(line);
        if (step !== undefined) progress.show(step);
      },
    });
  } finally {
    progress.end();
    rmSync(builderFile(slot), { force: true });
  }
}

/** Ends compilers that outlived a set-up that was killed: two of them must not write the same files. */
async function stopLeftover(slot: CacheSlot): Promise<void> {
  let builder: ProcessIdentity;
  try {
    builder = JSON.parse(readFileSync(builderFile(slot), 'utf8'));
  } catch {
    return;
  }
  if (!isGroupAlive(builder)) return;
  killGroup(builder.pid, 'SIGTERM');
  // Bounded: where nothing reaps orphans, a dead group looks alive for ever.
  for (let tries = 0; tries < 100 && isGroupAlive(builder); tries += 1) {
    if (tries === 50) killGroup(builder.pid, 'SIGKILL');
    await sleep(100);
  }
}

function failure(what: string, slot: CacheSlot): SetupError {
  const tail = readFileSync(slot.log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  return new SetupError(`${what}; the end of ${slot.log}:\n${tail}`);
}

function preparedMark(slot: CacheSlot): string {
  return path.join(slot.work, 'prepared');
}

function builderFile(slot: CacheSlot): string {
  return path.join(slot.folder, 'builder');
}
