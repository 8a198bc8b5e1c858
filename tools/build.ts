import { buildPackages } from './build/packages.ts';
import { exitWith } from './setup/exit.ts';

// `npm run build`: every package to its `dist/`.

await exitWith(async () => {
  await buildPackages();
  return 0;
});
