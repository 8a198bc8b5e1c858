import type { types } from 'mediasoup';
import { routerCodecs } from './codecs.ts';
import { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable } from './media-error.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** A router, or one that is being opened. */
export type RouterHandle = EngineHandle<types.Router>;

/** The routers: one per room and place, opened when first needed. */
export class RoomRouters {
  readonly #pool: WorkerPool;
  readonly #places = new Map<string, Map<string, RouterHandle>>();
  /** The rooms that were given each place and have not ended. The engine ends routers before it says that a worker died. */
  readonly #rooms = new Map<string, Set<string>>();

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  /** How many rooms are on a place. */
  count(placeId: string): number {
    return this.#places.get(placeId)?.size ?? 0;
  }

  /** The place that a room is on already. */
  placeOf(room: string): string | undefined {
    for (const [placeId, rooms] of this.#places) if (rooms.has(room)) return placeId;
    return undefined;
  }

  /** The router of a room on a place. */
  open(placeId: string, room: string): RouterHandle {
    const rooms = this.#places.get(placeId) ?? new Map<string, RouterHandle>();
    const known = rooms.get(room);
    if (known) return known;
    this.#places.set(placeId, rooms);
    this.#rooms.set(placeId, (this.#rooms.get(placeId) ?? new Set()).add(room));
    const router: RouterHandle = new EngineHandle({
      parents: [],
      watch: this.#pool.watch(placeId),
      open: async () => {
        const life = await this.#pool.find(placeId);
        if (!life) throw mediaUnavailable('The media worker is gone.');
        return life.createRouter(routerCodecs);
      },
      onEnd: () => this.#remove(placeId, room, router),
    });
    rooms.set(room, router);
    return router;
  }

  /** Ends the routers of a room, with all that is on them. */
  close(room: string): void {
    for (const rooms of this.#places.values()) rooms.get(room)?.end();
    for (const rooms of this.#rooms.values()) rooms.delete(room);
  }

  /** Ends everything on a place that is lost; returns the rooms that were there. */
  closePlace(placeId: string): string[] {
    for (const router of this.#places.get(placeId)?.values() ?? []) router.end();
    const rooms = [...(this.#rooms.get(placeId) ?? [])];
    this.#rooms.delete(placeId);
    return rooms;
  }

  #remove(placeId: string, room: string, router: RouterHandle): void {
    const rooms = this.#places.get(placeId);
    if (rooms?.get(room) !== router) return;
    rooms.delete(room);
    if (rooms.size === 0) this.#places.delete(placeId);
  }
}
