import { fileURLToPath } from 'node:url';
import { runInForeground } from './foreground.ts';
import { exitWith } from './setup/exit.ts';
import { setUp } from './setup/setup.ts';

// `npm run proof`: set-up, and then `proof/main.ts`; the arguments go to it.

const args = process.argv.slice(2);
const program = fileURLToPath(new URL('../proof/main.ts', import.meta.url));

await exitWith(async () => {
  const workerBin = args.includes('--help') ? '' : await setUp({});
  return await runInForeground(['--conditions=source', '--import', 'tsx', program, ...args], {
    ...process.env,
    ROOMKEY_WORKER_BIN: workerBin,
  });
});
