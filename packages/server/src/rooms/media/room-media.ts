import type { MediaPlace } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import { Subscriptions } from '../state/subscriptions.ts';
import type { Track } from '../state/track.ts';
import type { Turn } from '../turn.ts';
import { Batches } from './batches.ts';
import { LiveTracks, type Published } from './live-tracks.ts';
import { MemberMedia } from './member-media.ts';
import type { TrackOutcome } from './member-tracks.ts';

/** What the media of a room works with. */
interface Parts {
  readonly context: RoomContext;
  readonly identity: Pick<RoomIdentity, 'lifeId' | 'name' | 'sdkAppId'>;
  readonly roster: Roster;
  readonly outcome: TrackOutcome;
}

/** A consumer that is to be made anew. */
export interface FrozenPicture {
  readonly transportId: string;
  readonly consumerId: string;
}

/**
 * The media of a room: where it is, and what of it should exist. That is derived from the state: of each member's
 * tracks, permissions, transports and subscriptions. A change costs what it concerns; where it concerns many, it is
 * divided over turns of the event loop, and what closes goes before what opens.
 */
export class RoomMedia {
  readonly subscriptions: Subscriptions;
  readonly #parts: Parts;
  readonly #live = new LiveTracks();
  readonly #batches: Batches;
  readonly #media = new Map<Member, MemberMedia>();
  /** Whose each transport is. */
  readonly #owners = new Map<string, Member>();
  /** Whose each opening of a track is. */
  readonly #openings = new Map<string, Published>();
  #place: MediaPlace | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.subscriptions = new Subscriptions(parts.context.shutSlots, parts.identity.name);
    this.#batches = new Batches(parts.context.share, parts.context.fault);
  }

  /**
   * Where media of this room goes: one place for all, as long as it lives.
   *
   * @throws {ServiceError} `mediaUnavailable`
   */
  place(): MediaPlace {
    this.#place ??= this.#parts.context.plane.place(this.#parts.identity.lifeId);
    return this.#place;
  }

  /** A member has entered. */
  enter(member: Member): void {
    const { context: shared, identity, roster, outcome } = this.#parts;
    const { subscriptions } = this;
    const of = { sdkAppId: identity.sdkAppId, room: identity.name, userId: member.userId };
    const context = { ...shared, mediaFailed: (error: unknown) => shared.mediaFailed(error, of) };
    this.#media.set(
      member,
      new MemberMedia(member, { context, roster, subscriptions, live: this.#live, outcome }),
    );
    subscriptions.enter(member);
  }

  /**
   * Members are out: everything of theirs closes, those first who send. `gone` is called for each when it has. To be
   * called before their tracks are forgotten.
   */
  leave(members: readonly Member[], turn: Turn, gone: (member: Member) => void): void {
    const leaving = members.map((member) => ({
      member,
      mediaIds: this.#hide(member, member.tracks.values()),
    }));
    for (const member of members) {
      turn.closes(member.place);
      this.subscriptions.leave(member);
    }
    const close = ({ member }: (typeof leaving)[number]) => {
      this.#closeTransports(member);
      this.#media.get(member)?.follow();
      this.#media.delete(member);
      gone(member);
    };
    const senders = leaving.filter(({ mediaIds }) => mediaIds.length > 0);
    const others = leaving.filter(({ mediaIds }) => mediaIds.length === 0);
    const closed = this.#batches.close([...senders, ...others], close, {
      work: ({ member }) => this.#work(member),
      steps: ({ mediaIds }) => this.#forget(mediaIds),
    });
    turn.waitsFor(closed);
  }

  /** The media of a member who is inside. */
  of(member: Member): MemberMedia | undefined {
    return member.inside ? this.#media.get(member) : undefined;
  }

  /** Whose a transport is. */
  ownerOf(transportId: string): Member | undefined {
    return this.#owners.get(transportId);
  }

  /** The track that an opening belongs to. */
  openedAs(mediaId: string): Published | undefined {
    return this.#openings.get(mediaId);
  }

  /** Brings members' media to what the state says, after their permissions changed; `turn` waits for what is closed. */
  follow(members: readonly Member[], turn: Turn): void {
    for (const member of members) this.#media.get(member)?.noteTaken();
    const closed = this.#batches.close(
      members,
      (member) => {
        member.writeRecord();
        if (this.#media.get(member)?.follow()) turn.closes(member.place, member.transportIds);
      },
      { work: (member) => this.#work(member) },
    );
    turn.waitsFor(closed);
    this.#start(members);
  }

  /** The same for one member whose transports changed. Resolves when what was on others is closed; undefined when that is so already. */
  followTransports(member: Member): Promise<void> | undefined {
    for (const transportId of member.transportIds) this.#owners.set(transportId, member);
    const closed = this.#batches.close([member], () => this.#media.get(member)?.followTracks(), {
      steps: () => this.#media.get(member)?.followInSteps() ?? [],
    });
    this.#start([member]);
    return closed;
  }

  /** Runs a job for each member behind the closings that were asked for so far, a part of them at a time. */
  afterwards<T>(items: readonly T[], job: (item: T) => void): void {
    this.#batches.afterwards(items, job);
  }

  /** A transport of a member is no longer its own. */
  closeTransport(transportId: string): void {
    this.#owners.delete(transportId);
    this.#parts.context.plane.closeTransport(transportId);
  }

  /** A member has published a track, or brings it back: it is opened. */
  trackOffered(published: Published): void {
    const { member, track } = published;
    this.#openings.set(track.opening.mediaId, published);
    this.#media.get(member)?.followTracks();
    this.#start([member]);
  }

  /** A track can be received. */
  trackLive(published: Published): void {
    const { member, track } = published;
    this.#live.add(published);
    const receive = (receiver: Member) => {
      const media = this.#media.get(receiver);
      media?.followOne(published);
      media?.start();
    };
    this.#batches.open([...this.subscriptions.subscribers(member.userId, track.slot)], receive);
  }

  /** Tracks of a member are gone: they close, and their consumers. The caller has changed the state. */
  tracksGone(gone: readonly Published[]): void {
    const closing = gone.flatMap(({ member, track }) =>
      this.#hide(member, [track]).map((mediaId) => ({ member, mediaId })),
    );
    this.#batches.close(closing, ({ member }) => this.#media.get(member)?.followTracks(), {
      steps: ({ mediaId }) => this.#forget([mediaId]),
    });
  }

  /** A member's subscription to a slot of another has changed. */
  subscriptionChanged(member: Member, userId: string, slot: Published['track']['slot']): void {
    const published = this.#live.find(userId, slot);
    const media = this.#media.get(member);
    if (!published || !media) return;
    media.followOne(published);
    media.start();
    media.setLayer(published.track);
  }

  /** Each of these consumers is closed, and another opened in its place, if its receiver is still to receive the track. */
  renew(frozen: readonly FrozenPicture[]): void {
    this.#batches.open(frozen, ({ transportId, consumerId }) => {
      const member = this.ownerOf(transportId);
      if (member) this.of(member)?.renew(consumerId);
    });
  }

  /** Members' transports are gone, and all that was on them. The caller says what becomes of their tracks. */
  lose(members: readonly Member[]): void {
    for (const member of members) {
      this.#closeTransports(member);
      member.transports = {};
      member.place = undefined;
    }
    this.#batches.close(
      members,
      (member) => {
        this.#media.get(member)?.follow();
      },
      { work: (member) => this.#work(member) },
    );
  }

  /** The place is gone: the next transport chooses another. */
  placeLost({ placeId }: MediaPlace): void {
    if (this.#place?.placeId === placeId) this.#place = undefined;
  }

  /** The room has ended: whatever it has left at the plane goes when its members' media is closed. */
  close(turn: Turn): void {
    const { plane } = this.#parts.context;
    turn.waitsFor(
      this.#batches.afterwards([this.#parts.identity.lifeId], (lifeId) => plane.closeRoom(lifeId)),
    );
  }

  #closeTransports(member: Member): void {
    for (const transportId of member.transportIds) this.closeTransport(transportId);
  }

  /** From now on nobody begins to receive these tracks. Returns the ids of their openings. */
  #hide(member: Member, tracks: Iterable<Track>): string[] {
    return [...tracks].map((track) => {
      const { mediaId } = track.opening;
      this.#live.remove({ member, track });
      this.#openings.delete(mediaId);
      return mediaId;
    });
  }

  /** Whoever receives one of these openings of tracks receives it no more: a step for each. */
  *#forget(mediaIds: readonly string[]): Iterable<() => void> {
    for (const mediaId of mediaIds)
      for (const receiver of this.#live.takeReceivers(mediaId)) yield () => receiver.forget(mediaId);
  }

  #start(members: readonly Member[]): void {
    this.#batches.open(members, (member) => this.#media.get(member)?.start());
  }

  /** About how many things close with a member's media. */
  #work(member: Member): number {
    return 2 + (this.#media.get(member)?.consumers ?? 0);
  }
}
