import { roomName } from '../ports/index.ts';
import type { Room } from './room.ts';

/** Rooms that one turn of the event loop goes through, where a change concerns all of an application. */
const TURN = 20;

/** The rooms of this process, found by their names, by application and by their lives at the media plane. */
export class RoomDirectory {
  readonly #byName = new Map<string, Room>();
  readonly #byLife = new Map<string, Room>();
  readonly #byApplication = new Map<number, Set<Room>>();

  get size(): number {
    return this.#byName.size;
  }

  all(): Room[] {
    return [...this.#byName.values()];
  }

  add(room: Room): void {
    this.#byName.set(room.name, room);
    this.#byLife.set(room.identity.lifeId, room);
    const same = this.#byApplication.get(room.sdkAppId) ?? new Set();
    this.#byApplication.set(room.sdkAppId, same.add(room));
  }

  /** Forgets a room that has ended or did not come to exist. Idempotent. */
  remove(room: Room): void {
    if (this.#byName.get(room.name) === room) this.#byName.delete(room.name);
    this.#byLife.delete(room.identity.lifeId);
    const same = this.#byApplication.get(room.sdkAppId);
    same?.delete(room);
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
    const rooms = sdkAppId === undefined ? this.#byName.values() : (this.#byApplication.get(sdkAppId) ?? []);
    return [...rooms].filter(({ exists }) => exists);
  }

  /** How many rooms an application has, those included that are about to exist. */
  count(sdkAppId: number): number {
    return this.#byApplication.get(sdkAppId)?.size ?? 0;
  }

  /** Starts a change in every room of an application, some in each turn of the event loop; resolves when all are done. */
  async inEach(sdkAppId: number, change: (room: Room) => Promise<void>): Promise<void> {
    const started: Promise<void>[] = [];
    for (const [index, room] of [...(this.#byApplication.get(sdkAppId) ?? [])].entries()) {
      if (index % TURN === TURN - 1) await new Promise((resolve) => setImmediate(resolve));
      const changed = change(room);
      // Whoever fails before the last one has started is heard of in the end.
      changed.catch(() => {});
      started.push(changed);
    }
    await Promise.all(started);
  }
}
