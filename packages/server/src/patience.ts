import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from './system-clock.ts';

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

/** How long one look for an answer takes, in ms. */
const LOOK_MS = 50;

/** How many looks a time in ms has. */
export const looksIn = (ms: number): number => Math.ceil(ms / LOOK_MS);

/**
 * Whether an answer comes within `ms`; it says itself whether it counts. The time is counted in short looks: while this process
 * is busy with something else, a look takes longer, and nobody is blamed for it. After each look without an answer `goesOn` is
 * asked: `anew`, and the whole time begins again; `never`, and nobody waits any longer.
 */
export async function answeredWithin(
  ms: number,
  answer: Promise<boolean>,
  goesOn: () => 'on' | 'anew' | 'never',
): Promise<boolean> {
  let done = false;
  const answered = answer.then((counts) => {
    done = counts;
  });
  for (let looks = 0; looks < looksIn(ms); looks++) {
    const over = new AbortController();
    await Promise.race([answered, sleep(LOOK_MS, undefined, over).catch(() => {})]);
    over.abort();
    // After a sleep that was too long, the answer may be here and not be read yet.
    if (!done) await nextTurn();
    if (done) return true;
    const how = goesOn();
    if (how === 'never') return false;
    if (how === 'anew') looks = 0;
  }
  return done;
}
