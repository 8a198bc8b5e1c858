import { systemClock } from '../system-clock.ts';

/** Looks into which the time is divided. */
const LOOKS = 10;

/**
 * Runs `over` once after `ms`; returns the undo. The time is counted in looks. While this process is busy a look takes
 * longer, and counts as one: whoever could not be asked, or heard, meanwhile is not blamed for it.
 */
export function afterPatience(ms: number, over: () => void): () => void {
  let looks = 0;
  let undo = () => {};
  const look = () => {
    undo = systemClock.after(ms / LOOKS, () => {
      looks++;
      if (looks < LOOKS) look();
      else over();
    });
  };
  look();
  return () => undo();
}
