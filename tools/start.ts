import { fileURLToPath } from 'node:url';
import { buildPackages } from './build/packages.ts';
import { runInForeground } from './foreground.ts';
import { takeServiceEnvironment } from './service-environment.ts';
import { exitWith } from './setup/exit.ts';
import { setUp } from './setup/setup.ts';

// `npm start`: set-up, build, and then the service; arguments go to `roomkey serve`.

const roomkey = fileURLToPath(new URL('../packages/cli/bin/roomkey.js', import.meta.url));

await exitWith(async () => {
  const env = takeServiceEnvironment();
  const workerBin = await setUp();
  await buildPackages();
  return await runInForeground([roomkey, 'serve', ...process.argv.slice(2)], {
    ...env,
    ROOMKEY_WORKER_BIN: workerBin,
  });
});
