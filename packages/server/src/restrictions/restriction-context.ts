import type { ChangeQueue } from '../change-queue.ts';
import type { ChangeRecorder } from '../change-recorder.ts';
import type { EventLoopShare } from '../event-loop-share.ts';
import type { Clock, RestrictionStore } from '../ports/index.ts';
import type { VersionFloors } from './version-floors.ts';

/** Whose restrictions were found to be others than this process knew: another process has changed them. */
export interface Reloaded {
  readonly sdkAppId: number;
  /** Room key text; undefined: every room of the application. */
  readonly room: string | undefined;
  /** Undefined: everybody. */
  readonly userIds: readonly string[] | undefined;
}

/** What denials, bans and revocations have in common. */
export interface RestrictionContext {
  readonly store: RestrictionStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Above them begin the versions of new denials and bans. */
  readonly floors: VersionFloors;
  readonly recorder: ChangeRecorder;
  /** What concerns many is worked out in several turns of it. */
  readonly share: EventLoopShare;
  /** Every change of every restriction goes through this one queue. */
  readonly queue: ChangeQueue;
  /** Hears of restrictions that are in force from now on without a change made here. */
  readonly reloaded: (what: Reloaded) => void;
}

/** Those of entries that hold, in the same order. */
export function* held<T>(
  all: Iterable<readonly [string, T]>,
  holds: (one: T) => boolean,
): Iterable<readonly [string, T]> {
  for (const entry of all) if (holds(entry[1])) yield entry;
}
