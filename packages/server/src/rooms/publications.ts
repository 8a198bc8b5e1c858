import { type ErrorName, errors, type Params, type Result, ServiceError } from '@roomkey/protocol';
import type { MediaOutcome } from './media/member-media.ts';
import type { Room } from './room.ts';
import type { Member } from './state/member.ts';
import { checkParameters, type Track, trackWire } from './state/track.ts';

/** Milliseconds for which a track whose media is gone waits for its publisher. */
const LOST_TRACK_MS = 10_000;

/** Milliseconds for which a slot whose track sent too much takes no other. */
const SHUT_SLOT_MS = 10_000;

/** A track and whose it is. */
interface Published {
  readonly member: Member;
  readonly track: Track;
}

/** The tracks of a room: how they come, are muted, get lost, come back and go. */
export class Publications implements MediaOutcome {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Accepts a track into a slot; the promise settles when the media plane has opened it. A mailbox job.
   *
   * @throws {ServiceError} `transportUnknown`, `transportWrongDirection`, `send…Denied`, `kindMismatch`,
   * `rtpParametersInvalid`, `tooManyEncodings`, `slotTaken`, `trackUnknown`, `bitrateExceeded` for a while after one
   */
  publish(member: Member, request: Params<'publish'>): Promise<Result<'publish'>> {
    const { slot, transportId, rtpParameters, muted } = request;
    if (member.transports.recv?.transportId === transportId)
      throw new ServiceError('transportWrongDirection');
    const transport = member.transports.send;
    if (transport?.transportId !== transportId || !transport.open) throw new ServiceError('transportUnknown');
    this.#room.requireSlot(member, 'send', slot);
    if ((member.shutUntil.get(slot) ?? 0) > this.#room.context.clock.elapsed())
      throw new ServiceError('bitrateExceeded');
    checkParameters(slot, rtpParameters);
    const before = member.tracks.get(slot);
    if (before && before.state !== 'lost') throw new ServiceError('slotTaken');
    if (request.trackId !== undefined && before?.trackId !== request.trackId)
      throw new ServiceError('trackUnknown');
    const returning = before && before.trackId === request.trackId;
    if (before && !returning) this.#drop([{ member, track: before }]);

    const { newId } = this.#room.context;
    return new Promise((resolve, reject) => {
      const trackId = returning ? before.trackId : newId();
      const answer = (error?: ServiceError) => (error ? reject(error) : resolve({ trackId }));
      const opening = { mediaId: newId(), transportId, rtpParameters, answer };
      if (returning) this.#comeBack(member, before, opening, muted);
      else member.tracks.set(slot, { trackId, slot, muted, state: 'offered', announced: false, opening });
      this.#room.reconcile(member);
    });
  }

  /** Mutes or unmutes a track and tells the others. A mailbox job. */
  setMuted(member: Member, { trackId, muted }: Params<'setMuted'>): void {
    const track = this.#own(member, trackId);
    if (track.muted === muted) return;
    track.muted = muted;
    if (track.state === 'live') this.#room.media(member)?.setMuted(track);
    if (track.announced) this.#tellMuted(member, track);
  }

  /** Ends a track at its publisher's wish. A mailbox job. */
  unpublish(member: Member, { trackId }: Params<'unpublish'>): void {
    this.#drop([{ member, track: this.#own(member, trackId) }]);
  }

  /** Ends a track that sent too much, and keeps its slot shut for a while. A mailbox job. */
  bitrateExceeded(member: Member, track: Track): void {
    member.shutUntil.set(track.slot, this.#room.context.clock.elapsed() + SHUT_SLOT_MS);
    this.close([{ member, track, cause: 'bitrateExceeded' }]);
  }

  /** Ends tracks against their publishers' will, and says why. A mailbox job. */
  close(closed: readonly (Published & { readonly cause: ErrorName })[]): void {
    this.#drop(closed);
    for (const { member, track, cause } of closed) {
      const { trackId, slot } = track;
      const params = { trackId, slot, cause, message: errors[cause].says };
      member.closed.set(slot, params);
      member.link.notify({ method: 'trackClosed', params });
    }
  }

  /**
   * The media of a member's tracks is gone; those that the others know of wait for a while, the rest was never
   * published. Returns those that wait. The caller reconciles.
   */
  lose(member: Member): Track[] {
    for (const track of member.tracks.values()) {
      if (track.state === 'offered') track.opening.answer(new ServiceError('mediaUnavailable'));
      if (!track.announced) member.tracks.delete(track.slot);
    }
    const lost = [...member.tracks.values()];
    for (const track of lost) {
      if (track.state === 'lost') continue;
      track.state = 'lost';
      const { opening } = track;
      this.#room.context.clock.after(LOST_TRACK_MS, () => {
        void this.#room.mailbox.run(() => {
          const waits = member.tracks.get(track.slot) === track && track.state === 'lost';
          if (waits && track.opening === opening) this.#drop([{ member, track }]);
        });
      });
    }
    return lost;
  }

  /** Ends all tracks of a member who has left; the others hear of the member, not of each track. */
  abandon(member: Member): void {
    for (const track of member.tracks.values()) track.opening.answer(new ServiceError('notEntered'));
    member.tracks.clear();
  }

  trackOpened(member: Member, track: Track): void {
    void this.#room.mailbox.run(() => {
      if (track.state !== 'offered' || member.tracks.get(track.slot) !== track) return;
      track.state = 'live';
      track.opening.answer();
      if (!track.announced) {
        track.announced = true;
        const { userId } = member;
        this.#room.broadcast({ method: 'trackAdded', params: { userId, track: trackWire(track) } }, member);
      }
      this.#room.reconcileAll();
    });
  }

  trackFailed(member: Member, track: Track, error: unknown): void {
    void this.#room.mailbox.run(() => {
      if (member.tracks.get(track.slot) !== track) return;
      track.opening.answer(
        error instanceof ServiceError ? error : new ServiceError('internal', undefined, { cause: error }),
      );
      this.#drop([{ member, track }]);
    });
  }

  again(member: Member): void {
    void this.#room.mailbox.run(() => this.#room.reconcile(member));
  }

  #comeBack(member: Member, track: Track, opening: Track['opening'], muted: boolean): void {
    track.state = 'offered';
    track.opening = opening;
    if (track.muted === muted) return;
    track.muted = muted;
    if (track.announced) this.#tellMuted(member, track);
  }

  #own(member: Member, trackId: string): Track {
    const track = member.track(trackId);
    if (!track) throw new ServiceError('trackUnknown');
    return track;
  }

  #drop(dropped: readonly Published[]): void {
    if (dropped.length === 0) return;
    for (const { member, track } of dropped) {
      member.tracks.delete(track.slot);
      track.opening.answer(new ServiceError('trackUnknown'));
    }
    this.#room.reconcileAll();
    for (const { member, track } of dropped) {
      if (!track.announced) continue;
      const { trackId, slot } = track;
      const params = { userId: member.userId, trackId, slot };
      this.#room.broadcast({ method: 'trackRemoved', params }, member);
    }
  }

  #tellMuted(member: Member, { trackId, slot, muted }: Track): void {
    const { userId } = member;
    this.#room.broadcast({ method: 'trackMuted', params: { userId, trackId, slot, muted } }, member);
  }
}
