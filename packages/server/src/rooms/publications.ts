import {
  type ErrorName,
  errors,
  type Params,
  type Result,
  type RtpParameters,
  ServiceError,
} from '@roomkey/protocol';
import type { Slot } from '@roomkey/tickets/permissions';
import type { RoomContext, RoomIdentity } from './context.ts';
import { LostTracks } from './lost-tracks.ts';
import type { Published } from './media/live-tracks.ts';
import type { TrackOutcome } from './media/member-tracks.ts';
import type { RoomMedia } from './media/room-media.ts';
import type { Observation } from './record/observation.ts';
import { type RoomEvents, stayOf } from './record/room-events.ts';
import { requireSlot } from './slot-check.ts';
import type { Member } from './state/member.ts';
import type { Roster } from './state/roster.ts';
import { slotDenied, type Track, trackWire } from './state/track.ts';
import { checkBeside, checkParameters } from './state/track-rules.ts';
import type { Turns } from './turns.ts';

/** What the publications of a room work with. */
interface Parts {
  readonly identity: Pick<RoomIdentity, 'name' | 'lifeId'>;
  readonly context: Pick<RoomContext, 'clock' | 'newId' | 'plane' | 'shutSlots'>;
  readonly roster: Roster;
  readonly turns: Turns;
  readonly observation: Observation;
  readonly events: RoomEvents;
  /** The media of the room, which is there when the first member is. */
  readonly media: () => RoomMedia;
}

/** The tracks of a room: how they come, are muted, get lost, come back and go. */
export class Publications implements TrackOutcome {
  readonly #parts: Parts;
  #count = 0;
  readonly #lost: LostTracks;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock, plane } = parts.context;
    this.#lost = new LostTracks(clock, (stillWaiting) =>
      parts.turns.post(() => {
        // Nobody can come back while no worker takes anybody: the wait begins anew when one does.
        if (plane.takesTransports(parts.identity.lifeId)) this.#drop(stillWaiting());
      }),
    );
  }

  /** How many tracks there are, in whatever state. */
  get count(): number {
    return this.#count;
  }

  /** How many of them wait for their publishers. */
  get lost(): number {
    return this.#lost.count;
  }

  /**
   * Accepts a track into a slot; the promise settles when the media plane has opened it. Called within a turn.
   *
   * @throws {ServiceError} `transportUnknown`, `transportWrongDirection`, `send…Denied`, `kindMismatch`,
   * `rtpParametersInvalid`, `tooManyEncodings`, `slotTaken`, `trackUnknown`, `bitrateExceeded` for a while after one
   */
  publish(member: Member, request: Params<'publish'>): Promise<Result<'publish'>> {
    const { slot, transportId, rtpParameters, muted } = request;
    const { context, identity, observation } = this.#parts;
    if (member.transports.recv?.transportId === transportId)
      throw new ServiceError('transportWrongDirection');
    const transport = member.transports.send;
    if (transport?.transportId !== transportId || !transport.open) throw new ServiceError('transportUnknown');
    requireSlot(member, 'send', slot, observation);
    if (context.shutSlots.isShut(identity.name, member, slot)) throw new ServiceError('bitrateExceeded');
    checkParameters(slot, rtpParameters);
    checkBeside(rtpParameters, sentBeside(member, slot, transportId));
    const before = member.tracks.get(slot);
    if (before && before.state !== 'lost') throw new ServiceError('slotTaken');
    if (request.trackId !== undefined && before?.trackId !== request.trackId)
      throw new ServiceError('trackUnknown');
    const returning = before && before.trackId === request.trackId;
    if (before && !returning) this.#drop([{ member, track: before }]);

    const { newId } = context;
    return new Promise((resolve, reject) => {
      const trackId = returning ? before.trackId : newId();
      const answer = (error?: ServiceError) => (error ? reject(error) : resolve({ trackId }));
      const opening = { mediaId: newId(), transportId, rtpParameters, answer };
      const track: Track = returning
        ? before
        : { trackId, slot, muted, state: 'offered', announced: false, opening };
      if (returning) this.#comeBack(member, before, opening, muted);
      else this.#add(member, track);
      this.#parts.media().trackOffered({ member, track });
    });
  }

  /** Mutes or unmutes a track and tells the others. Called within a turn. */
  setMuted(member: Member, { trackId, muted }: Params<'setMuted'>): void {
    const track = this.#own(member, trackId);
    if (track.muted === muted) return;
    track.muted = muted;
    if (track.state === 'live') this.#parts.media().of(member)?.setMuted(track);
    if (track.announced) this.#tellMuted(member, track);
  }

  /** Ends a track at its publisher's wish. Called within a turn. */
  unpublish(member: Member, { trackId }: Params<'unpublish'>): void {
    this.#drop([{ member, track: this.#own(member, trackId) }]);
  }

  /** Ends a track that sent too much, and keeps its slot shut for a while. Called within a turn. */
  bitrateExceeded({ member, track }: Published): void {
    const { context, identity } = this.#parts;
    context.shutSlots.shut(identity.name, member, track.slot);
    this.close([{ member, track, cause: 'bitrateExceeded' }]);
  }

  /**
   * Ends tracks against their publishers' will, and says why: of one that is still being published, in the answer to the
   * request. Called within a turn.
   */
  close(closed: readonly (Published & { readonly cause: ErrorName })[]): void {
    this.#drop(closed);
    for (const { member, track, cause } of closed) {
      if (!track.announced) continue;
      const { trackId, slot } = track;
      const params = { trackId, slot, cause, message: errors[cause].says };
      member.closed.set(slot, params);
      this.#parts.roster.tell(member, { method: 'trackClosed', params });
    }
  }

  /**
   * The media of members' tracks is gone; those that the others know of wait for a while, the rest was never published.
   * Returns those of each member that wait. Called within a turn.
   */
  lose(members: readonly Member[]): Map<Member, Track[]> {
    const gone: Published[] = [];
    const known: Published[] = [];
    const waiting = new Map<Member, Track[]>();
    for (const member of members) {
      for (const track of member.tracks.values()) {
        if (track.state === 'lost') continue;
        gone.push({ member, track });
        refuse(track, new ServiceError('mediaUnavailable'));
        track.state = 'lost';
        if (track.announced) known.push({ member, track });
        else this.#remove(member, track);
      }
      waiting.set(member, [...member.tracks.values()]);
    }
    this.#lost.wait(known);
    this.#parts.media().tracksGone(gone);
    return waiting;
  }

  /** Lost tracks wait their whole time from now on. Called within a turn. */
  waitAnew(): void {
    this.#lost.waitAnew();
  }

  /** Forgets all tracks of a member who has left; the others hear of the member, not of each track. */
  abandon(member: Member): void {
    for (const track of [...member.tracks.values()]) {
      refuse(track, new ServiceError('notEntered'));
      this.#remove(member, track);
    }
  }

  trackOpened({ member, track }: Published, opening: Track['opening']): void {
    this.#parts.turns.post(() => {
      const isOffered = track.state === 'offered' && track.opening === opening;
      if (!isOffered || member.tracks.get(track.slot) !== track) return;
      track.state = 'live';
      track.opening.answer();
      if (!track.announced) {
        track.announced = true;
        const { userId } = member;
        const params = { userId, track: trackWire(track) };
        this.#parts.roster.broadcast({ method: 'trackAdded', params }, member);
        const { trackId, slot } = track;
        this.#parts.events.tell({ kind: 'trackOpened', ...stayOf(member), trackId, slot });
      }
      this.#parts.media().trackLive({ member, track });
    });
  }

  trackFailed({ member, track }: Published, opening: Track['opening'], error: unknown): void {
    this.#parts.turns.post(() => {
      if (member.tracks.get(track.slot) !== track || track.opening !== opening) return;
      track.opening.answer(
        error instanceof ServiceError ? error : new ServiceError('internal', undefined, { cause: error }),
      );
      this.#drop([{ member, track }]);
    });
  }

  #add(member: Member, track: Track): void {
    member.tracks.set(track.slot, track);
    this.#count++;
  }

  #remove(member: Member, track: Track): void {
    this.#lost.found(track);
    if (member.tracks.get(track.slot) === track && member.tracks.delete(track.slot)) this.#count--;
  }

  #comeBack(member: Member, track: Track, opening: Track['opening'], muted: boolean): void {
    this.#lost.found(track);
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

  #drop(dropped: readonly (Published & { readonly cause?: ErrorName })[]): void {
    for (const { member, track, cause = 'trackUnknown' } of dropped) {
      this.#remove(member, track);
      const denied = !member.may('send', track.slot);
      refuse(track, denied ? slotDenied('send', track.slot, member.effective) : new ServiceError(cause));
    }
    this.#parts.media().tracksGone(dropped);
    for (const { member, track, cause } of dropped) {
      if (!track.announced) continue;
      const { trackId, slot } = track;
      const params = { userId: member.userId, trackId, slot };
      this.#parts.roster.broadcast({ method: 'trackRemoved', params }, member);
      this.#parts.events.tell({ kind: 'trackClosed', ...stayOf(member), trackId, slot, cause });
    }
  }

  #tellMuted(member: Member, { trackId, slot, muted }: Track): void {
    const { userId } = member;
    this.#parts.roster.broadcast({ method: 'trackMuted', params: { userId, trackId, slot, muted } }, member);
  }
}

/** What a member sends in its other slots over a transport. */
function* sentBeside({ tracks }: Member, slot: Slot, transportId: string): Iterable<RtpParameters> {
  for (const { slot: other, opening } of tracks.values())
    if (other !== slot && opening.transportId === transportId) yield opening.rtpParameters;
}

/** Answers the request that offered a track, if it is still to be answered. */
function refuse({ state, opening }: Track, error: ServiceError): void {
  if (state === 'offered') opening.answer(error);
}
