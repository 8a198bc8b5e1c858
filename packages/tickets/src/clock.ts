/** Unix seconds, fixed or read at each use; fractions are cut off. */
export type UnixTime = number | (() => number);

/** @throws {RangeError} unless the time is a finite number; without this a NaN would never expire. */
export function secondsOf(time: UnixTime = wallClock): number {
  const seconds = Math.floor(typeof time === 'function' ? time() : time);
  if (!Number.isFinite(seconds)) throw new RangeError('now must be a time in unix seconds.');
  return seconds;
}

function wallClock(): number {
  return Date.now() / 1000;
}
