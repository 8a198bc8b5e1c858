import type { Slot } from '@roomkey/tickets/permissions';
import { type Mark, markOf } from './mark.ts';

/** A marked packet that arrived. */
export interface Arrival extends Mark {
  readonly ssrc: number;
}

/** Every RTP packet that arrives at one client. */
export class Arrivals {
  readonly #listeners = new Set<(arrival: Arrival) => void>();
  readonly #announced = new Map<string, Set<number>>();
  #counted = 0;
  #unmarked = 0;

  /** Packets so far. */
  get counted(): number {
    return this.#counted;
  }

  /** Those among them that no disobedient client has sent. */
  get unmarked(): number {
    return this.#unmarked;
  }

  /** The server says with which SSRC somebody's slot comes. */
  announce(userId: string, slot: Slot, ssrc: number): void {
    const key = `${userId}/${slot}`;
    this.#announced.set(key, (this.#announced.get(key) ?? new Set()).add(ssrc));
  }

  /** The SSRCs that the server ever announced for somebody's slot. */
  announced(userId: string, slot: Slot): ReadonlySet<number> {
    return this.#announced.get(`${userId}/${slot}`) ?? new Set();
  }

  /** Hears of every marked packet from now on; returns the undo. */
  listen(heard: (arrival: Arrival) => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  take(packet: Buffer): void {
    this.#counted++;
    const mark = markOf(packet);
    if (!mark) {
      this.#unmarked++;
      return;
    }
    const arrival = { ...mark, ssrc: packet.readUInt32BE(8) };
    for (const heard of this.#listeners) heard(arrival);
  }
}
