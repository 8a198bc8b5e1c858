import { slotKind } from '@roomkey/tickets/permissions';
import type { RoomContext } from '../context.ts';
import type { Member } from '../state/member.ts';
import type { Track } from '../state/track.ts';
import { CoalescedCalls } from './coalesced-calls.ts';
import type { Published } from './live-tracks.ts';
import { Reconciler } from './reconciler.ts';

/** One opening of one of the member's own tracks. */
interface Opening {
  readonly track: Track;
  readonly opening: Track['opening'];
}

/** Told of a member's own tracks. */
export interface TrackOutcome {
  /** An opening of a track is done. */
  trackOpened(published: Published, opening: Track['opening']): void;
  trackFailed(published: Published, opening: Track['opening'], error: unknown): void;
}

/** What the members' own tracks work with. */
export interface TrackParts {
  readonly context: Pick<RoomContext, 'plane' | 'clock'> & {
    /** A call for the member failed that nobody waits for. */
    readonly mediaFailed: (error: unknown) => void;
  };
  readonly outcome: TrackOutcome;
}

/** Openings of tracks, or of consumers, in flight for one member. */
export const OPENINGS = 16;
/** Milliseconds until what the plane could not do is tried again. */
export const RETRY_MS = 1000;

/** The tracks that a member sends, derived from the state of its room, at the media plane. */
export class MemberTracks {
  readonly #member: Member;
  readonly #parts: TrackParts;
  readonly #tracks: Reconciler<Opening>;
  readonly #pauses: CoalescedCalls<boolean>;

  constructor(member: Member, parts: TrackParts) {
    this.#member = member;
    this.#parts = parts;
    const { context, outcome } = parts;
    const { plane } = context;
    this.#pauses = new CoalescedCalls(
      (trackId, paused) => plane.setTrackPaused(trackId, paused),
      (error, trackId) => this.#pauseAgain(trackId, error),
    );
    this.#tracks = new Reconciler<Opening>(
      {
        open: (opening) => this.#open(opening),
        opened: ({ track, opening }) => {
          if (!track.muted && member.may('send', track.slot)) this.setMuted(track);
          outcome.trackOpened({ member, track }, opening);
        },
        failed: ({ track, opening }, error) => outcome.trackFailed({ member, track }, opening, error),
        close: ({ opening }) => plane.closeTrack(opening.mediaId),
      },
      OPENINGS,
    );
  }

  /** Closes what is no longer allowed; `start` opens what is missing. Says whether something was closed. */
  follow(): boolean {
    const wanted = this.#wanted();
    let closed = false;
    for (const key of [...this.#tracks.keys()])
      if (!wanted.has(key)) closed = this.#tracks.drop(key) || closed;
    for (const [key, opening] of wanted) this.#tracks.want(key, opening);
    return closed;
  }

  /** Opens what is missing. */
  start(): void {
    this.#tracks.start();
  }

  /** Carries a track's mute state to the plane, where the track is open. */
  setMuted(track: Track): void {
    this.#pauses.say(track.opening.mediaId, track.muted);
  }

  #wanted(): Map<string, Opening> {
    const member = this.#member;
    const wanted = new Map<string, Opening>();
    if (!member.inside || !member.transports.send?.open) return wanted;
    for (const track of member.tracks.values()) {
      if (track.state === 'lost' || !member.may('send', track.slot)) continue;
      wanted.set(track.opening.mediaId, { track, opening: track.opening });
    }
    return wanted;
  }

  async #open(item: Opening): Promise<void> {
    const { track, opening } = item;
    const { slot } = track;
    const { mediaId, transportId, rtpParameters } = opening;
    if (this.#member.recording) {
      await this.#member.recording.atLast;
      // Gone meanwhile: the reconciler closes it.
      if (this.#tracks.get(mediaId) !== item) return;
    }
    const kind = slotKind(slot);
    await this.#parts.context.plane.openTrack({ trackId: mediaId, transportId, kind, slot, rtpParameters });
  }

  /** A track whose pause was not heard would stay silent, or be heard though it is muted. */
  #pauseAgain(mediaId: string, error: unknown): void {
    const { clock, mediaFailed } = this.#parts.context;
    mediaFailed(error);
    clock.after(RETRY_MS, () => {
      const opened = this.#tracks.opened(mediaId);
      if (opened) this.setMuted(opened.track);
    });
  }
}
