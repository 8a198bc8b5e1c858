import type { Trial } from './trial.ts';

/** Something that a client tries which obeys nobody. */
export interface Attack {
  readonly name: string;
  /** What it tries, and what must not come of it. */
  readonly says: string;
  run(trial: Trial): Promise<void>;
}
