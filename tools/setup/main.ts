import { parseArgs } from 'node:util';
import { exitWith } from './exit.ts';
import { setUp } from './setup.ts';

const help = `Makes this computer ready to run Roomkey: finds, fetches or builds the media worker.

Usage: npm run setup -- [options]

  --tests   also what the tests need (chromium, iproute2, iptables)
  --bench   also what the measurements need (the same, janus, tcpdump)
  --help    this text

Exit codes: 0 ready, 1 something is missing, 2 wrong usage, 130 and 143 interrupted.
docs/setup.md describes the settings, the cache and the errors.`;

const options = {
  tests: { type: 'boolean' },
  bench: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

await exitWith(async () => {
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  await setUp({ tests: values.tests === true, bench: values.bench === true });
  return 0;
});
