import type { MemberWire, TrackWire } from '@roomkey/protocol';
import type { StreamType } from '../calls/type.ts';
import type { Slot } from '../events/events.ts';

/** What can be had of a user, as the vendor's events count it: both sounds are one. */
export interface Availability {
  readonly audio: boolean;
  readonly main: boolean;
  readonly sub: boolean;
}

const nothing: Availability = { audio: false, main: false, sub: false };

/** A track that reaches this browser. */
interface Received {
  readonly consumerId: string;
  readonly track: MediaStreamTrack;
}

export const audioSlots = ['microphone', 'screenAudio'] as const satisfies readonly Slot[];

/** The slot of a video stream. */
export const videoSlot = (streamType: StreamType): 'camera' | 'screen' =>
  streamType === 'sub' ? 'screen' : 'camera';

/** The stream a slot belongs to. */
export const streamTypeOf = (slot: Slot): StreamType =>
  slot === 'screen' || slot === 'screenAudio' ? 'sub' : 'main';

/** Another user in the room: what it sends, and what of that arrives here. Knows nothing of playing. */
export class RemoteUser {
  readonly userId: string;
  readonly #tracks = new Map<Slot, TrackWire>();
  readonly #received = new Map<Slot, Received>();
  /** What the app was told of. */
  announced: Availability = nothing;

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Takes over what the server says of the user now. */
  update({ tracks }: MemberWire): void {
    this.#tracks.clear();
    for (const track of tracks) this.#tracks.set(track.slot, track);
  }

  setTrack(track: TrackWire): void {
    this.#tracks.set(track.slot, track);
  }

  setMuted(trackId: string, slot: Slot, muted: boolean): void {
    if (this.#tracks.get(slot)?.trackId === trackId) this.#tracks.set(slot, { trackId, slot, muted });
  }

  removeTrack(trackId: string, slot: Slot): void {
    if (this.#tracks.get(slot)?.trackId === trackId) this.#tracks.delete(slot);
  }

  sends(slot: Slot): boolean {
    return this.#tracks.has(slot);
  }

  get available(): Availability {
    const audible = (slot: Slot) => this.#tracks.get(slot)?.muted === false;
    return {
      audio: audioSlots.some(audible),
      main: audible('camera'),
      sub: audible('screen'),
    };
  }

  receive(slot: Slot, received: Received): void {
    this.#received.set(slot, received);
  }

  /** The consumer is gone. False when a newer one has taken its place. */
  forget(slot: Slot, consumerId: string): boolean {
    if (this.#received.get(slot)?.consumerId !== consumerId) return false;
    return this.#received.delete(slot);
  }

  /** The connection is gone, and all that came over it. */
  forgetAll(): void {
    this.#received.clear();
  }

  /** The consumers by which something of the user arrives here. */
  consumers(): { readonly slot: Slot; readonly consumerId: string }[] {
    return [...this.#received].map(([slot, { consumerId }]) => ({ slot, consumerId }));
  }

  received(slot: Slot): MediaStreamTrack | undefined {
    return this.#received.get(slot)?.track;
  }
}
