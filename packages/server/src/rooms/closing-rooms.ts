import type { Room } from './room.ts';

/** Rooms that have ended, while the media engine closes what is left of them: found by application and room key text. */
export class ClosingRooms {
  readonly #applications = new Map<number, Map<string, Set<Promise<void>>>>();

  /** Remembers a room that has ended until the media engine has closed it. */
  add({ sdkAppId, identity: { roomKey }, turns }: Room): void {
    const rooms = this.#applications.get(sdkAppId) ?? new Map<string, Set<Promise<void>>>();
    const lives = rooms.get(roomKey) ?? new Set();
    const closed = turns.confirmed().then(() => {
      lives.delete(closed);
      if (lives.size === 0 && rooms.get(roomKey) === lives) rooms.delete(roomKey);
      if (rooms.size === 0 && this.#applications.get(sdkAppId) === rooms) this.#applications.delete(sdkAppId);
    });
    this.#applications.set(sdkAppId, rooms.set(roomKey, lives.add(closed)));
  }

  /** Resolves when those that have ended by now are closed: of a room key text, or all of an application. */
  async closed(sdkAppId: number, key?: string): Promise<void> {
    const rooms = this.#applications.get(sdkAppId);
    const ended = key === undefined ? [...(rooms?.values() ?? [])] : [rooms?.get(key) ?? []];
    await Promise.all(ended.flatMap((lives) => [...lives]));
  }
}
