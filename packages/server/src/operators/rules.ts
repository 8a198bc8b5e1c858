import { isUserId, type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import { lowByte } from '@roomkey/tickets/permissions';
import { requestedRoom } from '../access/index.ts';
import type { By, Decided } from '../ports/index.ts';

/** Seconds for which a denial or a ban holds when nothing else is said. */
const STANDARD_SECONDS = 86_400;

/** Longest time of a denial or a ban, in seconds: ten years. */
const MAX_SECONDS = 315_360_000;

/** How far ahead of this computer's clock the clock of who revokes may be. */
const FUTURE_SECONDS = 300;

/** Fills in what is left open. @throws {ServiceError} `settingInvalid` */
export function decided({ actor, cause = 'operator' }: By): Decided {
  if (!/^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u.test(cause))
    throw new ServiceError('settingInvalid', 'cause must be 1 to 64 printable characters.');
  return { actor, cause };
}

/** @throws {ServiceError} `userIdIllegal` */
export function checkUser(userId: string): void {
  if (!isUserId(userId)) throw new ServiceError('userIdIllegal');
}

/**
 * The records of whom and of which room are meant. An id that nobody can have is refused: no record fits it, and whoever mistyped it
 * would believe that nothing happened.
 *
 * @throws {ServiceError} `userIdIllegal`, `roomIdIllegal`, `strRoomIdIllegal`
 */
export function recordFilter<F extends { readonly userId?: string | undefined }>({
  room,
  ...rest
}: F & { readonly room?: RoomRef | undefined }): Omit<F, 'room'> & { readonly room: string | undefined } {
  if (rest.userId !== undefined) checkUser(rest.userId);
  return { ...rest, room: room && roomKey(requestedRoom(room)) };
}

/** @throws {ServiceError} `settingInvalid` unless a value is a permission byte of at least `least` */
export function checkByte(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > lowByte)
    throw new ServiceError('settingInvalid', `${name} must be a whole number from ${least} to ${lowByte}.`);
}

/** How long something holds, in seconds. @throws {ServiceError} `settingInvalid` */
export function secondsAhead(seconds: number = STANDARD_SECONDS): number {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS)
    throw new ServiceError('settingInvalid', `seconds must be a whole number from 1 to ${MAX_SECONDS}.`);
  return seconds;
}

/** The last second of the tickets that are revoked. @throws {ServiceError} `settingInvalid` */
export function revocationSecond(before: number | undefined, now: number): number {
  const second = before ?? Math.floor(now / 1000);
  if (!Number.isInteger(second) || second < 0 || second > now / 1000 + FUTURE_SECONDS)
    throw new ServiceError(
      'settingInvalid',
      'before must be a time in whole unix seconds that is not in the future. To keep somebody out, use a ban.',
    );
  return second;
}

/** The version that denials are expected to have: all of them the same, or those of users by name. */
export type ExpectedVersion = number | readonly (readonly [userId: string, version: number])[];

/**
 * The version that a user's denial is expected to have; undefined: any.
 *
 * @throws {ServiceError} `settingInvalid` when a version is expected of somebody who is not among `userIds`, or two
 */
export function expectedVersions(
  expected: ExpectedVersion | undefined,
  userIds: readonly string[] | undefined,
): (userId: string) => number | undefined {
  if (typeof expected !== 'object') return () => expected;
  const versions = new Map(expected);
  if (versions.size < expected.length)
    throw new ServiceError('settingInvalid', 'expectedVersion names somebody twice.');
  const meant = userIds && new Set(userIds);
  for (const userId of versions.keys()) {
    checkUser(userId);
    if (meant && !meant.has(userId))
      throw new ServiceError(
        'settingInvalid',
        `expectedVersion names ${userId}, who is not among the users.`,
      );
  }
  return (userId) => versions.get(userId);
}
