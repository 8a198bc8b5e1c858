import type { EventLoopShare } from '../event-loop-share.ts';
import { roomName } from '../ports/index.ts';
import { SortedMap } from '../sorted-map.ts';
import { ClosingRooms } from './closing-rooms.ts';
import type { Room } from './room.ts';

/** The rooms of this process, found by their names, by application and by their lives at the media plane. */
export class RoomDirectory {
  readonly #share: EventLoopShare;
  readonly #byName = new SortedMap<Room>();
  readonly #byLife = new Map<string, Room>();
  /** By application and user id, the rooms in which the user is inside. */
  readonly #byUser = new Map<number, Map<string, Set<Room>>>();
  readonly #closing = new ClosingRooms();
  readonly #byApplication = new Map<number, SortedMap<Room>>();

  constructor(share: EventLoopShare) {
    this.#share = share;
  }

  get size(): number {
    return this.#byName.size;
  }

  all(): Room[] {
    return [...this.#byName.values()];
  }

  add(room: Room): void {
    this.#byName.set(room.name, room);
    this.#byLife.set(room.identity.lifeId, room);
    const same = this.#byApplication.get(room.sdkAppId) ?? new SortedMap<Room>();
    same.set(room.name, room);
    this.#byApplication.set(room.sdkAppId, same);
  }

  /**
   * Forgets a room that has ended or did not come to exist; only what it still has to close is waited for by `closed`.
   * Idempotent.
   */
  remove(room: Room): void {
    this.#closing.add(room);
    if (this.#byName.get(room.name) === room) this.#byName.delete(room.name);
    this.#byLife.delete(room.identity.lifeId);
    const same = this.#byApplication.get(room.sdkAppId);
    if (same?.get(room.name) === room) same.delete(room.name);
    if (same?.size === 0) this.#byApplication.delete(room.sdkAppId);
  }

  /** The room of a name, whether it exists or is about to. */
  named(name: string): Room | undefined {
    return this.#byName.get(name);
  }

  /** The room of a life at the media plane. */
  living(lifeId: string): Room | undefined {
    return this.#byLife.get(lifeId);
  }

  /** A room that exists, by its room key text. */
  find(sdkAppId: number, key: string): Room | undefined {
    const room = this.#byName.get(roomName({ sdkAppId, room: key }));
    return room?.exists ? room : undefined;
  }

  /** The rooms that exist: of one application, or of all. */
  existing(sdkAppId?: number): Room[] {
    return [...(this.#of(sdkAppId)?.values() ?? [])].filter(({ exists }) => exists);
  }

  /** The rooms that exist, of one application or of all, in the order of their names, behind one of these. */
  *behind(sdkAppId: number | undefined, name: string): Iterable<readonly [string, Room]> {
    for (const entry of this.#of(sdkAppId)?.behind(name) ?? []) if (entry[1].exists) yield entry;
  }

  /** Resolves when the rooms that have ended by now are closed at the media engine: those of a room key text, or all of an application. */
  closed(sdkAppId: number, key?: string): Promise<void> {
    return this.#closing.closed(sdkAppId, key);
  }

  /** A user is inside a room, or is no longer. */
  moved(room: Room, userId: string, isInside: boolean): void {
    const { sdkAppId } = room;
    const users = this.#byUser.get(sdkAppId) ?? new Map<string, Set<Room>>();
    const rooms = users.get(userId) ?? new Set();
    if (isInside) rooms.add(room);
    else rooms.delete(room);
    if (rooms.size > 0) users.set(userId, rooms);
    else users.delete(userId);
    if (users.size > 0) this.#byUser.set(sdkAppId, users);
    else this.#byUser.delete(sdkAppId);
  }

  /** How many rooms an application has, those included that are about to exist. */
  count(sdkAppId: number): number {
    return this.#byApplication.get(sdkAppId)?.size ?? 0;
  }

  /**
   * Starts a change in every room of an application, or in those alone in which one of these users is inside, over several
   * turns of the event loop; resolves when all are done.
   */
  async inEach(
    sdkAppId: number,
    change: (room: Room) => Promise<void>,
    userIds?: readonly string[],
  ): Promise<void> {
    const started: Promise<void>[] = [];
    await this.#share.each(this.#concerned(sdkAppId, userIds), (room) => {
      const changed = change(room);
      // Whoever fails before the last one has started is heard of in the end.
      changed.catch(() => {});
      started.push(changed);
    });
    await Promise.all(started);
  }

  #of(sdkAppId: number | undefined): SortedMap<Room> | undefined {
    return sdkAppId === undefined ? this.#byName : this.#byApplication.get(sdkAppId);
  }

  #concerned(sdkAppId: number, userIds: readonly string[] | undefined): Set<Room> {
    if (!userIds) return new Set(this.#byApplication.get(sdkAppId)?.values());
    const users = this.#byUser.get(sdkAppId);
    return new Set(userIds.flatMap((userId) => [...(users?.get(userId) ?? [])]));
  }
}
