/** Says how to take back what was just done. */
export type Undo = (step: () => unknown) => void;

/**
 * Runs `job` to its end or leaves everything as it was: when it fails, what it has done is taken back, last things first, and
 * its error is thrown. A step that cannot be taken back keeps none of the others from it.
 */
export async function allOrNothing<T>(job: (undo: Undo) => Promise<T>): Promise<T> {
  const steps: (() => unknown)[] = [];
  try {
    return await job((step) => void steps.unshift(step));
  } catch (error) {
    for (const step of steps) {
      try {
        await step();
      } catch {
        // The error that began it says more.
      }
    }
    throw error;
  }
}
