import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { run } from '../setup/program.ts';
import type { Step } from '../setup/progress.ts';
import { SetupError } from '../setup/setup-error.ts';
import { runnerIn } from './disposable-copy.ts';
import type { Folder } from './folders.ts';
import { forgetLoadedSurvivors } from './kept-results.ts';
import type { MutationReport } from './mutant.ts';

/** Where and how one folder is mutated. */
export interface MutationRun {
  readonly folder: Folder;
  readonly copy: string;
  /** The folder whose `node_modules` has StrykerJS. */
  readonly stryker: string;
  /** Keeps results from run to run. */
  readonly results: string;
  /** Tries every mutant again, also those whose code and tests are as they were. */
  readonly force: boolean;
  readonly onStep: (step: Step) => void;
}

/**
 * Milliseconds beyond half as long again as the tests take, after which a mutant has timed out. A test that waits for ever fails long
 * before, and a loop without an end is known by how often it runs: so a busy computer makes no mutant look noticed.
 */
const PATIENCE_MS = 60_000;

/**
 * Runs StrykerJS over one folder of the copy.
 *
 * @throws SetupError when StrykerJS fails, for example because a test fails without any mutant
 * @throws Interrupted after a signal to this process
 */
export async function mutate(task: MutationRun): Promise<MutationReport> {
  const { folder, copy, stryker, results, force } = task;
  const inResults = (suffix: string): string =>
    path.join(results, `${folder.name.replace('/', '-')}.${suffix}`);
  const [report, kept, log] = [inResults('report.json'), inResults('incremental.json'), inResults('log')];
  const options = {
    plugins: [runnerIn(copy)],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutants.config.ts', related: false },
    mutate: [`${folder.path}/**/*.ts`, '!**/*.test.ts', '!**/*.fixture.ts'],
    // Its own sandbox rewrites the tsconfig files through an interface that TypeScript 7 has no more.
    inPlace: true,
    disableTypeChecks: false,
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: kept,
    force,
    concurrency: os.availableParallelism(),
    timeoutMS: PATIENCE_MS,
    dryRunTimeoutMinutes: 60,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    allowConsoleColors: false,
  };
  const config = path.join(copy, 'stryker.config.json');
  await mkdir(results, { recursive: true });
  await rm(report, { force: true });
  forgetLoadedSurvivors(kept);
  await writeFile(config, JSON.stringify(options));
  const bin = path.join(stryker, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const code = await run(process.execPath, [bin, 'run', config], {
    cwd: copy,
    env: { ...process.env, ROOMKEY_MUTANTS_FOLDER: folder.name },
    log,
    logMode: 'w',
    onLine: (line) => {
      const [, done, total] = /(\d+)\/(\d+) tested/.exec(line) ?? [];
      if (done && total) task.onStep({ done: Number(done), total: Number(total) });
    },
  });
  if (code !== 0 || !existsSync(report)) throw new SetupError(`StrykerJS failed:\n${endOf(log)}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

/** The end of a log, and where the rest is. */
const endOf = (log: string): string =>
  `${readFileSync(log, 'utf8').trim().split('\n').slice(-20).join('\n')}\nAll of it is in ${log}.`;
