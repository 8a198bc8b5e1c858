import { type ConsumerOffer, limits, type Result, ServiceError } from '@roomkey/protocol';
import { slotKind } from '@roomkey/tickets/permissions';
import type { Clock, MediaPlane } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';
import type { Track } from '../state/track.ts';
import { CoalescedCalls } from './coalesced-calls.ts';
import { Reconciler } from './reconciler.ts';
import type { OpeningSemaphore } from './semaphore.ts';

/** One opening of one of the member's own tracks. */
interface Opening {
  readonly track: Track;
  readonly opening: Track['opening'];
}

/** One track that the member receives. */
interface Consumer {
  readonly consumerId: string;
  readonly transportId: string;
  readonly from: Member;
  readonly track: Track;
  /** The opening of the track that this consumer belongs to. */
  readonly mediaId: string;
  /** Set once the plane has made the consumer. */
  offer?: ConsumerOffer;
  /** The client was told of it. */
  announced: boolean;
  /** The client is set up for it. */
  ready: boolean;
}

/** Told by a member's media. */
export interface MediaOutcome {
  trackOpened(member: Member, track: Track): void;
  trackFailed(member: Member, track: Track, error: unknown): void;
  /** The member's media should be compared with the room's state again. */
  again(member: Member): void;
}

/** What a member's media works with. */
export interface MediaContext {
  readonly plane: MediaPlane;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly openings: OpeningSemaphore;
  /** A call of the plane failed that nobody waits for. */
  readonly mediaFailed: (error: unknown) => void;
}

/** Openings of each sort in flight for one member. */
const OPENINGS = 16;
/** Milliseconds until an opening that the plane could not do is tried again. */
const RETRY_MS = 1000;

/**
 * The media of one member, derived from the state of its room: what is no longer allowed closes at once,
 * what is newly allowed opens later. Nothing else opens or closes tracks and consumers at the media plane.
 */
export class MemberMedia {
  readonly #member: Member;
  readonly #context: MediaContext;
  readonly #outcome: MediaOutcome;
  readonly #tracks: Reconciler<Opening>;
  readonly #consumers: Reconciler<Consumer>;
  readonly #pauses: CoalescedCalls<boolean>;
  readonly #layers: CoalescedCalls<number>;

  constructor(member: Member, context: MediaContext, outcome: MediaOutcome) {
    this.#member = member;
    this.#context = context;
    this.#outcome = outcome;
    const { plane, mediaFailed } = context;
    this.#pauses = new CoalescedCalls(
      (trackId, paused) => plane.setTrackPaused(trackId, paused),
      mediaFailed,
    );
    this.#layers = new CoalescedCalls((id, layer) => plane.setSpatialLayer(id, layer), mediaFailed);
    this.#tracks = new Reconciler<Opening>(
      {
        open: (opening) => this.#openTrack(opening),
        opened: ({ track }) => {
          if (!track.muted) this.setMuted(track);
          outcome.trackOpened(member, track);
        },
        failed: ({ track }, error) => outcome.trackFailed(member, track, error),
        close: ({ opening }) => context.plane.closeTrack(opening.mediaId),
      },
      OPENINGS,
    );
    this.#consumers = new Reconciler<Consumer>(
      {
        open: (consumer) => this.#openConsumer(consumer),
        opened: (consumer) => this.#announce(consumer),
        failed: (consumer, error) => this.#retry(consumer, error),
        close: (consumer) => this.#closeConsumer(consumer),
      },
      OPENINGS,
    );
  }

  /**
   * Compares the member's media with what the state of the room says now, and closes what is no longer allowed;
   * `open` opens what is missing. `senders` are all inside who have tracks.
   */
  close(senders: Iterable<Member>): void {
    this.#tracks.apply(this.#wantedTracks());
    this.#consumers.apply(this.#wantedConsumers(senders));
  }

  /** Opens what the last `close` found missing. */
  open(): void {
    this.#tracks.start();
    this.#consumers.start();
  }

  /** Carries a track's mute state to the plane, where the track is open. */
  setMuted(track: Track): void {
    this.#pauses.say(track.opening.mediaId, track.muted);
  }

  /** Applies the highest layer wished for to a consumer that is open. */
  setLayer(from: Member, track: Track): void {
    for (const consumer of this.#consumers.open()) {
      if (consumer.from === from && consumer.track === track) this.#applyLayer(consumer);
    }
  }

  /**
   * Lets a consumer's packets flow, now that the client is set up, if it is still allowed.
   *
   * @throws {ServiceError} `consumerUnknown`
   */
  async consumerReady(consumerId: string): Promise<void> {
    for (const consumer of this.#consumers.open()) {
      if (consumer.consumerId !== consumerId || !this.#member.may('recv', consumer.track.slot)) continue;
      consumer.ready = true;
      return this.#context.plane.resumeConsumer(consumerId);
    }
    throw new ServiceError('consumerUnknown');
  }

  /** The consumers that are open, as the client has to know them. */
  received(): Result<'resume'>['consumers'] {
    return [...this.#consumers.open()].flatMap(({ offer, from, track, ready }) =>
      offer ? [{ ...offer, userId: from.userId, slot: track.slot, ready }] : [],
    );
  }

  #wantedTracks(): Map<string, Opening> {
    const member = this.#member;
    const wanted = new Map<string, Opening>();
    if (!member.inside || !member.transports.send?.open) return wanted;
    for (const track of member.tracks.values()) {
      if (track.state === 'lost' || !member.may('send', track.slot)) continue;
      wanted.set(track.opening.mediaId, { track, opening: track.opening });
    }
    return wanted;
  }

  #wantedConsumers(senders: Iterable<Member>): Map<string, Consumer> {
    const member = this.#member;
    const wanted = new Map<string, Consumer>();
    const transport = member.transports.recv;
    if (!member.inside || !transport?.open || !member.identity.rtpCapabilities) return wanted;
    for (const from of senders) {
      if (from === member) continue;
      for (const track of from.tracks.values()) {
        if (track.state !== 'live' || !member.may('recv', track.slot)) continue;
        if (!member.subscriptions.wants(from.userId, track.slot)) continue;
        const { mediaId } = track.opening;
        const { transportId } = transport;
        const key = consumerKey({ mediaId, transportId });
        wanted.set(key, this.#consumers.get(key) ?? this.#newConsumer(from, track, transportId));
      }
    }
    return wanted;
  }

  #newConsumer(from: Member, track: Track, transportId: string): Consumer {
    const { mediaId } = track.opening;
    return {
      consumerId: this.#context.newId(),
      transportId,
      from,
      track,
      mediaId,
      announced: false,
      ready: false,
    };
  }

  async #openTrack(item: Opening): Promise<void> {
    const { track, opening } = item;
    const { slot } = track;
    const { mediaId, transportId, rtpParameters } = opening;
    if (this.#member.recording) {
      await this.#member.recording.atLast;
      // Gone meanwhile: the reconciler closes it.
      if (this.#tracks.get(mediaId) !== item) return;
    }
    const kind = slotKind(slot);
    await this.#context.plane.openTrack({ trackId: mediaId, transportId, kind, slot, rtpParameters });
  }

  async #openConsumer(consumer: Consumer): Promise<void> {
    const { consumerId, transportId, mediaId, track } = consumer;
    const { rtpCapabilities } = this.#member.identity;
    if (!rtpCapabilities) throw new ServiceError('rtpCapabilitiesMissing');
    await this.#member.recording?.atLast;
    const leave = await this.#context.openings.enter(this.#member.place?.placeId ?? '');
    try {
      // Gone meanwhile: the reconciler closes it.
      if (this.#consumers.get(consumerKey(consumer)) !== consumer) return;
      const request = { consumerId, transportId, trackId: mediaId, rtpCapabilities };
      const offer = await this.#context.plane.openConsumer(request);
      consumer.offer = { ...offer, trackId: track.trackId };
    } finally {
      leave();
    }
  }

  #announce(consumer: Consumer): void {
    const { offer, from, track } = consumer;
    if (!offer) return;
    consumer.announced = true;
    if (this.#member.subscriptions.spatialLayer(from.userId, track.slot) !== undefined)
      this.#applyLayer(consumer);
    const params = { ...offer, userId: from.userId, slot: track.slot };
    this.#member.link.notify({ method: 'consumerOpened', params });
  }

  #applyLayer({ consumerId, from, track }: Consumer): void {
    if (slotKind(track.slot) !== 'video') return;
    const layer =
      this.#member.subscriptions.spatialLayer(from.userId, track.slot) ?? limits.cameraEncodings - 1;
    this.#layers.say(consumerId, layer);
  }

  #closeConsumer({ consumerId, announced, from, track }: Consumer): void {
    this.#context.plane.closeConsumer(consumerId);
    if (!announced || !this.#member.inside) return;
    const params = { consumerId, userId: from.userId, slot: track.slot };
    this.#member.link.notify({ method: 'consumerClosed', params });
  }

  #retry(consumer: Consumer, error: unknown): void {
    this.#context.mediaFailed(error);
    if (!(error instanceof ServiceError && error.code === 'mediaUnavailable')) return;
    this.#context.clock.after(RETRY_MS, () => {
      this.#consumers.retry(consumerKey(consumer));
      this.#outcome.again(this.#member);
    });
  }
}

/** A consumer is the same as long as the opening of the track and the receiving transport are. */
const consumerKey = ({ mediaId, transportId }: Pick<Consumer, 'mediaId' | 'transportId'>): string =>
  `${mediaId}>${transportId}`;
