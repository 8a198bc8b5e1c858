import type { AdminResult } from '@roomkey/protocol';
import type { Decided } from './decision.ts';

/** A page of a list begins behind `after`, the `next` of the page before. */
export interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One room of an application; `room` is a room key text. */
export interface RoomAt {
  readonly sdkAppId: number;
  readonly room: string;
}

export type RoomView = AdminResult<'room.list'>['rooms'][number];

/** A member as operators see it, without the version of what is denied to it. */
export type InsideView = Omit<AdminResult<'room.show'>['members'][number], 'version'>;

/**
 * What an operator needs of the rooms, wherever the home of each is. Every promise that changes something resolves when
 * the media engine has closed what it closes.
 */
export interface RoomControl {
  /** The user ids of those inside. @throws {ServiceError} `roomUnknown` */
  inside(at: RoomAt): Promise<readonly string[]>;

  /**
   * Removes members from a room; they may come back. `record` is called once for each of them who was inside, in the
   * turn that decides it. Resolves with their user ids.
   *
   * @throws {ServiceError} `roomUnknown`, `memberUnknown` when none of them is inside
   */
  kick(at: RoomAt, userIds: readonly string[], record: (userId: string) => void): Promise<string[]>;

  /**
   * Sends everybody out and ends the room. `record` is called with their user ids in the turn that decides it. Resolves
   * with the same.
   *
   * @throws {ServiceError} `roomUnknown`
   */
  dismiss(at: RoomAt, record: (userIds: readonly string[]) => void): Promise<string[]>;

  /**
   * Holds those inside against what operators have taken away: of one room or of all of the application, everybody or
   * users by name. Who may no longer be there is removed. Resolves also when what `by` gives back is on record.
   *
   * @throws {ServiceError} `journalUnavailable`; the change is made then
   */
  apply(
    at: { readonly sdkAppId: number; readonly room: string | undefined },
    userIds?: readonly string[],
    by?: Decided,
  ): Promise<void>;

  /** A page of the rooms that exist: of one application, or of all. */
  rooms(sdkAppId: number | undefined, page: Page): { readonly rooms: RoomView[]; readonly next?: string };

  /** One room and a page of its members, by user id. Rejects with `roomUnknown`. */
  room(
    at: RoomAt,
    page: Page,
  ): Promise<{ readonly room: RoomView; readonly members: InsideView[]; readonly next?: string }>;

  /** One member; undefined when nobody of this user id is inside. */
  member(at: RoomAt, userId: string): InsideView | undefined;

  /** How `enforce` would have the members of an application whose keys are only observed; undefined when there are none. */
  observed(sdkAppId: number): Promise<AdminResult<'app.show'>['observed']>;
}
