import { type Slot, slotKind } from '@roomkey/tickets/permissions';

/** What a member receives without asking for each. */
export interface AutoReceive {
  readonly audio: boolean;
  readonly video: boolean;
}

/** What a member wants to receive. Subscriptions are kept by the room; consumers follow from them and from permission. */
export class Subscriptions {
  readonly #auto: AutoReceive;
  readonly #single = new Map<string, { wanted: boolean; spatialLayer?: number | undefined }>();

  /** Starts with what is received without asking. */
  constructor(auto: AutoReceive) {
    this.#auto = auto;
  }

  want(userId: string, slot: Slot, spatialLayer?: number): void {
    this.#single.set(`${userId}/${slot}`, { wanted: true, spatialLayer });
  }

  refuse(userId: string, slot: Slot): void {
    this.#single.set(`${userId}/${slot}`, { wanted: false });
  }

  wants(userId: string, slot: Slot): boolean {
    return this.#single.get(`${userId}/${slot}`)?.wanted ?? this.#auto[slotKind(slot)];
  }

  /** The highest simulcast layer wanted; undefined means all. */
  spatialLayer(userId: string, slot: Slot): number | undefined {
    return this.#single.get(`${userId}/${slot}`)?.spatialLayer;
  }

  /** Forgets a member who left. */
  forget(userId: string): void {
    for (const key of this.#single.keys()) if (key.startsWith(`${userId}/`)) this.#single.delete(key);
  }
}
