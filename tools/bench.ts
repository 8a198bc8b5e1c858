import { fileURLToPath } from 'node:url';
import { buildPackages } from './build/packages.ts';
import { runInForeground } from './foreground.ts';
import { exitWith } from './setup/exit.ts';
import { setUp } from './setup/setup.ts';

// `npm run bench:NAME`: set-up, build, and then `bench/NAME.ts`; the arguments after the name go to it.

const [name = '', ...args] = process.argv.slice(2);
/** Those that need more programs than the server itself. */
const compared = new Set(['entry', 'fanout', 'network', 'revoke']);
const program = fileURLToPath(new URL(`../bench/${name}.ts`, import.meta.url));

await exitWith(async () => {
  const needless = args.includes('--help') || args.includes('--list');
  const workerBin = needless ? '' : await setUp({ bench: compared.has(name) });
  if (!needless) await buildPackages();
  return await runInForeground(['--conditions=source', '--import', 'tsx', program, ...args], {
    ...process.env,
    ROOMKEY_WORKER_BIN: workerBin,
  });
});
