import type { FiveMinuteUsage } from '../ports/index.ts';

const FIVE_MINUTES_MS = 300_000;
const DAY_MS = 86_400_000;

/** A part of a span of time that lies within five minutes of the clock. */
export interface Piece extends Pick<FiveMinuteUsage, 'day' | 'fiveMinutes'> {
  readonly milliseconds: number;
}

/**
 * Divides a span of time at every five minutes of the clock (UTC).
 *
 * @param from its beginning, unix milliseconds
 * @param milliseconds its length; of 0 there is no piece
 */
export function* piecesOf(from: number, milliseconds: number): Iterable<Piece> {
  const end = from + milliseconds;
  for (let at = from; at < end; ) {
    const next = Math.min(end, (Math.floor(at / FIVE_MINUTES_MS) + 1) * FIVE_MINUTES_MS);
    const day = dayOf(at);
    const fiveMinutes = Math.floor((at - day * DAY_MS) / FIVE_MINUTES_MS);
    yield { day, fiveMinutes, milliseconds: next - at };
    at = next;
  }
}

/** The day of a time (unix milliseconds): days since 1970-01-01, in UTC. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
