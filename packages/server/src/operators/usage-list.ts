import { type AdminParams, type AdminResult, roomKey, roomRef, ServiceError } from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import type { UsagePlace, UsageStore } from '../ports/index.ts';

const DAY_MS = 86_400_000;

/** A day like `2026-01-31` as the store counts it: days since 1970-01-01. */
const dayFrom = (text: string): number => Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY_MS);

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** A place in the store's rows as operators name it, and back. */
const placeFrom = (place: {
  readonly day: string;
  readonly sdkAppId: number;
  readonly room: string;
}): UsagePlace => ({
  ...place,
  day: dayFrom(place.day),
});

/**
 * How long members were in rooms, a page at a time.
 *
 * @throws {ServiceError} `roomIdIllegal`, `strRoomIdIllegal`; `settingInvalid` when a room is named without its application
 */
export async function listUsage(
  store: Pick<UsageStore, 'list'>,
  { from, to, sdkAppId, room, after, limit }: AdminParams<'usage.list'>,
): Promise<AdminResult<'usage.list'>> {
  if (room && sdkAppId === undefined)
    throw new ServiceError(
      'settingInvalid',
      'room needs sdkAppId: rooms of two applications can have one name.',
    );
  const filter = {
    from: dayFrom(from),
    to: dayFrom(to),
    sdkAppId,
    room: room && roomKey(requestedRoom(room)),
  };
  const page = await store.list(filter, { after: after && placeFrom(after), limit });
  return {
    rows: page.rows.map((row) => ({ ...row, day: dayText(row.day), room: roomRef(row.room) })),
    next: page.next && { ...page.next, day: dayText(page.next.day) },
  };
}
