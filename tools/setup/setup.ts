import { ensureWorker } from './media-worker.ts';
import { benchRequirements, ensureRequirements, testRequirements } from './requirement.ts';

/** What a set-up has to provide besides the media worker. */
export interface SetupNeeds {
  /** The programs of the end-to-end tests. */
  tests?: boolean;
  /** The programs that measurements compare with. */
  bench?: boolean;
}

/**
 * Makes this computer ready; what is there already costs some milliseconds. Says on standard error what it does.
 * @returns the path of the media worker, for `ROOMKEY_WORKER_BIN`.
 * @throws SetupError or Interrupted.
 */
export async function setUp(needs: SetupNeeds = {}): Promise<string> {
  const report = (line: string): void => console.error(`setup: ${line}`);
  if (needs.tests === true) ensureRequirements(testRequirements, 'the tests', report);
  if (needs.bench === true) ensureRequirements(benchRequirements, 'the measurements', report);
  return await ensureWorker(report, process.stderr);
}
