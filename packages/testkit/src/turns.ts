import { EventLoopShare } from '@roomkey/server/rooms';

/** A share of the event loop whose time is over after six looks at the clock: work for many takes many turns. */
export function shortShare(): EventLoopShare {
  let looks = 0;
  return new EventLoopShare(undefined, () => looks++);
}

/** Calls `look` in every turn of the event loop until a job is done; returns how many turns that were. */
export async function turnsOf(job: Promise<unknown>, look: () => void = () => {}): Promise<number> {
  let isDone = false;
  const done = job.finally(() => {
    isDone = true;
  });
  // Who waits for the job hears what it rejects with.
  done.catch(() => {});
  let turns = 0;
  for (; !isDone; turns++) {
    look();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  return turns;
}
