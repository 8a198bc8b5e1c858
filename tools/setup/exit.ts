import os from 'node:os';
import { Interrupted, SetupError } from './setup-error.ts';

/**
 * Runs a tool's body and ends the process with its exit code: 1 for a failure that is explained in one message, 128 and the
 * signal's number after an interruption. Other errors keep their stack.
 */
export async function exitWith(body: () => Promise<number>): Promise<never> {
  try {
    process.exit(await body());
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`${error.message}; the next run goes on from here`);
      process.exit(128 + os.constants.signals[error.signal]);
    }
    if (!(error instanceof SetupError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
}
