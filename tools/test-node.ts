import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPackages } from './build/packages.ts';
import { runInForeground } from './foreground.ts';
import { exitWith } from './setup/exit.ts';
import { provideNode } from './setup/node-version.ts';
import { setUp } from './setup/setup.ts';

// `npm run test:node`: the tests under every Node.js that Roomkey runs on.

const majors = [20, 22, 24];

/** What runs under each: everything but the browser, and one test through a browser from entry to media. */
const projects = [
  ['--project', 'unit'],
  ['--project', 'contract'],
  ['--project', 'e2e', 'e2e/entry.test.ts'],
];

const help = `Runs the unit tests, the contract tests and one end-to-end test under Node.js ${majors.join(', ')}.

Usage: npm run test:node -- [version...]

  version   only under these: ${majors.join(', ')}
  --help    this text

Exit codes: 0 all passed, 1 a test failed or something is missing, 2 wrong usage. Each Node.js comes from npm, once, into the cache.`;

const root = fileURLToPath(new URL('..', import.meta.url));

await exitWith(async () => {
  const asked = askedFor();
  if (typeof asked === 'number') return asked;
  const workerBin = await setUp({ tests: true });
  await buildPackages();
  const lines: string[] = [];
  let code = 0;
  for (const major of asked) {
    const node = provideNode(major, (line) => console.error(`setup: ${line}`));
    for (const project of projects) {
      console.error(`\ntest:node: Node.js ${node.version}, ${project[1]}`);
      const began = Date.now();
      const status = await run(node.folder, workerBin, project);
      const outcome = status === 0 ? 'passed' : `failed (${status})`;
      const seconds = ((Date.now() - began) / 1000).toFixed(0);
      lines.push(`Node.js ${node.version}  ${project[1]?.padEnd(8)}  ${outcome}, ${seconds} s`);
      if (status > 128) return status;
      if (status !== 0) code = 1;
    }
  }
  console.log(`\n${lines.join('\n')}`);
  return code;
});

/** The versions to test, or the exit code of an answer that needs no test. */
function askedFor(): readonly number[] | number {
  try {
    const { values, positionals } = parseArgs({
      options: { help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    const wrong = positionals.find((each) => !majors.some((major) => String(major) === each));
    if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is none of ${majors.join(', ')}`);
    return positionals.length === 0 ? majors : positionals.map(Number);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

/** Vitest under this Node.js; what the tests start finds it in the PATH. */
function run(folder: string, workerBin: string, project: readonly string[]): Promise<number> {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const env = {
    ...process.env,
    PATH: [folder, process.env['PATH']].join(path.delimiter),
    ROOMKEY_WORKER_BIN: workerBin,
  };
  return runInForeground(
    [vitest, 'run', '--root', root, ...project],
    env,
    process,
    path.join(folder, 'node'),
  );
}
