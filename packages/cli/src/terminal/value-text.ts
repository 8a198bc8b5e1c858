import type { RoomRef } from '@roomkey/protocol';

/** A time in unix milliseconds as text. */
export const timeText = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** A room as text; a string room id stands in quotes. */
export const roomText = (ref: RoomRef): string =>
  'roomId' in ref ? String(ref.roomId) : JSON.stringify(ref.strRoomId);

/** Who brought something about, as text; the type goes first, so that no name looks like another type. */
export const actorText = ({
  type,
  id,
}: {
  readonly type: string;
  readonly id?: string | undefined;
}): string => (id === undefined ? type : `${type} ${id}`);
