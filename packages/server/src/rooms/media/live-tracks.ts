import type { Slot } from '@roomkey/tickets/permissions';
import type { Member } from '../state/member.ts';
import type { Track } from '../state/track.ts';

/** A track and whose it is. */
export interface Published {
  readonly member: Member;
  readonly track: Track;
}

/** Who receives a track, as it is told when the track goes. */
interface Receiver {
  forget(mediaId: string): void;
}

/** The tracks of a room that others may receive, and who receives each. */
export class LiveTracks {
  readonly #bySlot = new Map<Slot, Map<string, Published>>();
  readonly #receivers = new Map<string, Set<Receiver>>();

  /** A track has come. */
  add(published: Published): void {
    const { member, track } = published;
    const tracks = this.#bySlot.get(track.slot) ?? new Map<string, Published>();
    this.#bySlot.set(track.slot, tracks.set(member.userId, published));
  }

  /** A track is gone. Those who receive it are not told. */
  remove({ member, track }: Published): void {
    const tracks = this.#bySlot.get(track.slot);
    if (tracks?.get(member.userId)?.track === track) tracks.delete(member.userId);
  }

  /** Those who receive an opening of a track; from now on nobody does. */
  takeReceivers(mediaId: string): Iterable<Receiver> {
    const receivers = this.#receivers.get(mediaId);
    this.#receivers.delete(mediaId);
    return receivers ?? [];
  }

  /** How many receive a track. */
  receivers(mediaId: string): number {
    return this.#receivers.get(mediaId)?.size ?? 0;
  }

  /** The tracks of a slot. */
  of(slot: Slot): Iterable<Published> {
    return this.#bySlot.get(slot)?.values() ?? [];
  }

  find(userId: string, slot: Slot): Published | undefined {
    return this.#bySlot.get(slot)?.get(userId);
  }

  received(mediaId: string, by: Receiver): void {
    const receivers = this.#receivers.get(mediaId) ?? new Set();
    this.#receivers.set(mediaId, receivers.add(by));
  }

  notReceived(mediaId: string, by: Receiver): void {
    const receivers = this.#receivers.get(mediaId);
    receivers?.delete(by);
    if (receivers?.size === 0) this.#receivers.delete(mediaId);
  }
}
