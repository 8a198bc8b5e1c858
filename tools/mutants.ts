import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDisposableCopy } from './mutants/disposable-copy.ts';
import { equivalents } from './mutants/equivalents.ts';
import { mutantsOf } from './mutants/mutant.ts';
import { mutate } from './mutants/mutation-run.ts';
import { help, readOptions } from './mutants/options.ts';
import { renewed, tables, target, type Verdicts } from './mutants/page.ts';
import { provideStryker } from './mutants/stryker.ts';
import { judge, say, type Verdict } from './mutants/verdict.ts';
import { exitWith } from './setup/exit.ts';
import { Progress } from './setup/progress.ts';

// `npm run mutants`: changes the code that decides about permissions, one thing at a time, and looks whether a unit test notices.

const root = fileURLToPath(new URL('..', import.meta.url));
const results = path.join(root, '.build/mutants');
const page = path.join(root, 'docs/proof.md');

await exitWith(async () => {
  const options = optionsOrCode();
  if (typeof options === 'number') return options;
  const { folders, force } = options;
  const stryker = await provideStryker((line) => console.error(`mutants: ${line}`));
  const verdicts = new Map<string, Verdict>();
  await withDisposableCopy(root, stryker, async (copy) => {
    for (const folder of folders) {
      const label = `mutants: ${folder.name}`;
      console.error(`${label}: its tests without a mutant`);
      const progress = new Progress(label, process.stderr);
      const onStep = progress.show.bind(progress);
      const report = await mutate({ folder, copy, stryker, results, force, onStep }).finally(() =>
        progress.end(),
      );
      const known = equivalents.filter(({ file }) => file.startsWith(`${folder.path}/`));
      verdicts.set(folder.name, judge(mutantsOf(report), known));
    }
  });
  if (options.write) writeFileSync(page, renewed(readFileSync(page, 'utf8'), verdicts));
  return told(verdicts, options.json);
});

function optionsOrCode() {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return options;
    console.log(help);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

/** Tells what came out, and gives the exit code. */
function told(verdicts: Verdicts, asJson: boolean): number {
  const all = [...verdicts.values()];
  for (const mutant of all.flatMap(({ survivors }) => survivors))
    console.error(`survived at line ${mutant.line} of ${say(mutant)}`);
  const faults = all.flatMap((verdict) => verdict.faults);
  for (const fault of faults) console.error(`error: tools/mutants/equivalents.ts: ${fault}`);
  const score = Math.min(...all.map((verdict) => verdict.score));
  const numbers = Object.fromEntries(
    [...verdicts].map(([name, { survivors, faults: _, ...counts }]) => [
      name,
      { ...counts, survived: survivors.length },
    ]),
  );
  console.log(asJson ? JSON.stringify({ score, folders: numbers }, undefined, 2) : tables(verdicts));
  return score >= target && faults.length === 0 ? 0 : 1;
}
