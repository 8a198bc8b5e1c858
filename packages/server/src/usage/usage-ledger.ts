import { maySendAnything } from '@roomkey/tickets/permissions';
import { type Clock, type CoreEvent, roomName, type Tier } from '../ports/index.ts';
import { RoomStays } from './room-stays.ts';
import type { UnwrittenUsage } from './unwritten-usage.ts';

interface OpenStay {
  readonly roomName: string;
  readonly tier: Tier;
}

/** Who is inside, on which tier, in this process: from being let in until having left, with the time of a kept seat. */
export class UsageLedger {
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly #unwritten: Pick<UnwrittenUsage, 'add'>;
  /** By `memberId`. */
  readonly #stays = new Map<string, OpenStay>();
  /** The rooms that somebody is in. */
  readonly #rooms = new Map<string, RoomStays>();

  constructor(clock: Pick<Clock, 'now' | 'elapsed'>, unwritten: Pick<UnwrittenUsage, 'add'>) {
    this.#clock = clock;
    this.#unwritten = unwritten;
  }

  /** The rooms that somebody is in. Others may come and go while they are looked at. */
  get rooms(): Iterable<RoomStays> {
    return this.#rooms.values();
  }

  /** Follows what happened. What it costs depends neither on the members nor on the rooms. */
  heard(event: CoreEvent): void {
    switch (event.kind) {
      case 'memberEntered': {
        const stay = { roomName: roomName(event), tier: tierOf(event.permissions) };
        this.#stays.set(event.memberId, stay);
        this.#roomOf(stay.roomName, event).begin(stay.tier);
        return;
      }
      case 'permissionsChanged': {
        // Where many change together, it may be told after the member has left.
        const stay = this.#stays.get(event.memberId);
        const tier = tierOf(event.after);
        if (!stay || stay.tier === tier) return;
        this.#stays.set(event.memberId, { ...stay, tier });
        const room = this.#roomOf(stay.roomName, event);
        room.end(stay.tier);
        room.begin(tier);
        return;
      }
      case 'memberLeft': {
        const stay = this.#stays.get(event.memberId);
        if (!stay) return;
        this.#stays.delete(event.memberId);
        const room = this.#roomOf(stay.roomName, event);
        room.end(stay.tier);
        if (room.isEmpty) this.#rooms.delete(stay.roomName);
      }
    }
  }

  #roomOf(name: string, { sdkAppId, room }: { readonly sdkAppId: number; readonly room: string }): RoomStays {
    let stays = this.#rooms.get(name);
    if (!stays) {
      stays = new RoomStays({ sdkAppId, room }, this.#clock, this.#unwritten);
      this.#rooms.set(name, stays);
    }
    return stays;
  }
}

const tierOf = (permissions: number): Tier => (maySendAnything(permissions) ? 'core' : 'outer');
