import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackages } from './build/packages.ts';
import { runInForeground } from './foreground.ts';
import { exitWith } from './setup/exit.ts';
import { setUp } from './setup/setup.ts';
import { formatSummary, summarize, type TestReport } from './test-summary.ts';

// `npm test`: set-up, build, and then every test; arguments go to `vitest run`. The last line says how many passed and failed.

const root = fileURLToPath(new URL('..', import.meta.url));
const reportFile = path.join(root, '.build/tests.json');

await exitWith(async () => {
  const workerBin = await setUp({ tests: true });
  await buildPackages();
  rmSync(reportFile, { force: true });
  mkdirSync(path.dirname(reportFile), { recursive: true });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const exitCode = await runInForeground(
    [vitest, 'run', '--root', root, ...reporters, ...process.argv.slice(2)],
    {
      ...process.env,
      ROOMKEY_WORKER_BIN: workerBin,
    },
  );
  const summary = summarize(readReport(), exitCode);
  console.log(formatSummary(summary));
  return summary.failed === 0 ? 0 : Math.max(exitCode, 1);
});

function readReport(): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined;
  }
}
