import {
  type ConsumerOffer,
  type ErrorName,
  errors,
  limits,
  type Result,
  ServiceError,
} from '@roomkey/protocol';
import { type Slot, slotKind, slots } from '@roomkey/tickets/permissions';
import type { RoomContext } from '../context.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import type { Subscriptions } from '../state/subscriptions.ts';
import type { Track } from '../state/track.ts';
import { CoalescedCalls } from './coalesced-calls.ts';
import type { LiveTracks, Published } from './live-tracks.ts';
import { MemberTracks, OPENINGS, RETRY_MS, type TrackOutcome } from './member-tracks.ts';
import { Reconciler } from './reconciler.ts';

/** One track that the member receives. */
interface Consumer extends Published {
  readonly consumerId: string;
  readonly transportId: string;
  /** The opening of the track that this consumer belongs to. */
  readonly mediaId: string;
  /** Set once the plane has made the consumer. */
  offer?: ConsumerOffer;
  /** The client was told of it. */
  announced: boolean;
  /** The client is set up for it. */
  ready: boolean;
  /** It does not fit through the member's link, and waits. */
  waiting: boolean;
  /** Why it closes against the receiver's will. */
  cause?: ErrorName;
}

/** What the media of a room's members works with. */
export interface MediaParts {
  readonly context: Pick<RoomContext, 'plane' | 'clock' | 'newId' | 'openings'> & {
    /** A call for the member failed that nobody waits for. */
    readonly mediaFailed: (error: unknown) => void;
  };
  readonly roster: Roster;
  readonly subscriptions: Subscriptions;
  readonly live: LiveTracks;
  readonly outcome: TrackOutcome;
}

/**
 * The media of one member, derived from the state of its room: what is no longer allowed closes at once,
 * what is newly allowed opens later. Nothing else opens or closes tracks and consumers at the media plane.
 */
export class MemberMedia {
  readonly #member: Member;
  readonly #parts: MediaParts;
  readonly #tracks: MemberTracks;
  readonly #consumers: Reconciler<Consumer>;
  readonly #layers: CoalescedCalls<number>;
  /** The transport and the slots that consumers were last opened for. */
  #receiving: { readonly transportId: string | undefined; readonly slots: ReadonlySet<Slot> } = {
    transportId: undefined,
    slots: new Set(),
  };
  /** Slots that were taken since then: they close by all means, also when they are given back before it is their turn. */
  readonly #taken = new Set<Slot>();
  /** The keys of consumers by what they are found by. */
  readonly #keysOfSlot = new Map<Slot, Set<string>>();
  readonly #keyOfId = new Map<string, string>();

  constructor(member: Member, parts: MediaParts) {
    this.#member = member;
    this.#parts = parts;
    this.#tracks = new MemberTracks(member, parts);
    const { plane, mediaFailed } = parts.context;
    this.#layers = new CoalescedCalls((id, layer) => plane.setSpatialLayer(id, layer), mediaFailed);
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

  /** How many tracks the member receives, or is about to. */
  get consumers(): number {
    return this.#consumers.size;
  }

  /** Notes what the state has taken, to be called in the turn that takes it; `follow` closes it, then or later. */
  noteTaken(): void {
    for (const slot of this.#receiving.slots) if (!this.#member.may('recv', slot)) this.#taken.add(slot);
  }

  /**
   * Compares all of the member's media with what the state says now, and closes what is no longer allowed; `start`
   * opens what is missing. Says whether something was closed. Costs what has changed since the last time.
   */
  follow(): boolean {
    let closed = this.followTracks();
    for (const step of this.followInSteps()) closed = step() || closed;
    return closed;
  }

  /**
   * The same after a change of transports, without the member's own tracks. What was received over a transport that is gone is closed
   * in steps, and what is to be received instead is noted in steps; each says whether it closed something.
   */
  followInSteps(): Iterable<() => boolean> {
    const { closed, old, added } = this.#followSlots();
    return this.#steps(closed, old, added);
  }

  /** The same for the member's own tracks alone. */
  followTracks(): boolean {
    return this.#tracks.follow();
  }

  /** The same for one track of somebody else: it came, or the member's wish for it has changed. */
  followOne(published: Published): void {
    const { member: from, track } = published;
    if (this.#wants(from, track)) this.#want(published);
    else this.#drop(keyOf(track.opening.mediaId, this.#receiving.transportId));
  }

  /** A track of somebody else is gone. */
  forget(mediaId: string): void {
    this.#drop(keyOf(mediaId, this.#receiving.transportId));
  }

  /** Opens what is missing. */
  start(): void {
    this.#tracks.start();
    this.#consumers.start();
  }

  /** Carries a track's mute state to the plane, where the track is open. */
  setMuted(track: Track): void {
    this.#tracks.setMuted(track);
  }

  /** Applies the highest layer wished for to a consumer that is open. */
  setLayer({ opening: { mediaId } }: Track): void {
    const consumer = this.#consumers.opened(keyOf(mediaId, this.#receiving.transportId));
    if (consumer) this.#applyLayer(consumer);
  }

  /**
   * Lets a consumer's packets flow, now that the client is set up, if it is still allowed.
   *
   * @throws {ServiceError} `consumerUnknown`
   */
  async consumerReady(consumerId: string): Promise<void> {
    const key = this.#keyOfId.get(consumerId);
    const consumer = key && this.#consumers.opened(key);
    const isOver = consumer && (!this.#isCurrent(consumer) || this.#taken.has(consumer.track.slot));
    if (!consumer || isOver || !this.#member.may('recv', consumer.track.slot))
      throw new ServiceError('consumerUnknown');
    consumer.ready = true;
    await this.#parts.context.plane.resumeConsumer(consumerId);
  }

  /** What the member receives with a consumer; `cause` is told to the client when it closes. */
  receives(consumerId: string, cause: ErrorName): Published | undefined {
    const consumer = this.#consumers.get(this.#keyOfId.get(consumerId) ?? '');
    if (consumer) consumer.cause = cause;
    return consumer;
  }

  /** A picture waits for a wider link, or no longer. */
  setWaiting(consumerId: string, waiting: boolean): void {
    const consumer = this.#consumers.opened(this.#keyOfId.get(consumerId) ?? '');
    if (!consumer || consumer.waiting === waiting) return;
    consumer.waiting = waiting;
    const { member: from, track } = consumer;
    const params = { consumerId, userId: from.userId, slot: track.slot, waiting };
    this.#parts.roster.tell(this.#member, { method: 'consumerWaiting', params });
  }

  /** Closes a consumer and opens another in its place, if the member is still to receive the track. */
  renew(consumerId: string): void {
    const key = this.#keyOfId.get(consumerId);
    const consumer = key && this.#consumers.opened(key);
    if (!consumer) return;
    this.#drop(key);
    this.followOne(consumer);
    this.start();
  }

  /** The consumers that are open, as the client has to know them. */
  received(): Result<'resume'>['consumers'] {
    return [...this.#consumers.open()].flatMap((consumer) => {
      const { offer, member: from, track, ready, waiting } = consumer;
      if (!offer || !this.#isCurrent(consumer)) return [];
      return [{ ...offer, userId: from.userId, slot: track.slot, ready, ...(waiting && { waiting }) }];
    });
  }

  /** One of another transport waits to be closed. */
  #isCurrent({ transportId }: Consumer): boolean {
    return transportId === this.#receiving.transportId;
  }

  /**
   * Closes by slot: only what the member may receive now and might not before, or the other way round, is looked at. What was received
   * over another transport is left, with what is to be received from now on. Nothing of the two can have the same key.
   */
  #followSlots(): {
    readonly closed: boolean;
    readonly old: readonly string[];
    readonly added: readonly Slot[];
  } {
    const member = this.#member;
    const { recv } = member.transports;
    const receives = member.inside && recv?.open === true && member.identity.rtpCapabilities !== undefined;
    const transportId = receives ? recv.transportId : undefined;
    const allowed = new Set(receives ? slots.filter((slot) => member.may('recv', slot)) : []);
    const before = this.#receiving;
    const isSame = before.transportId === transportId;
    let closed = false;
    const kept = new Set<Slot>();
    const old: string[] = [];
    for (const slot of before.slots) {
      if (!isSame) old.push(...(this.#keysOfSlot.get(slot) ?? []));
      else if (allowed.has(slot) && !this.#taken.has(slot)) kept.add(slot);
      else closed = this.#dropSlot(slot) || closed;
    }
    this.#taken.clear();
    this.#receiving = { transportId, slots: allowed };
    return { closed, old, added: [...allowed].filter((slot) => !kept.has(slot)) };
  }

  *#steps(closed: boolean, old: readonly string[], added: readonly Slot[]): Iterable<() => boolean> {
    if (closed) yield () => closed;
    for (const key of old) yield () => this.#drop(key);
    for (const slot of added)
      for (const published of this.#wished(slot))
        yield () => {
          this.followOne(published);
          return false;
        };
  }

  /** The tracks of a slot that the member may have a wish for. */
  #wished(slot: Slot): Iterable<Published> {
    const { live, subscriptions } = this.#parts;
    const senders = subscriptions.senders(this.#member, slot);
    return senders ? [...senders].flatMap((userId) => live.find(userId, slot) ?? []) : live.of(slot);
  }

  #wants(from: Member, track: Track): boolean {
    const member = this.#member;
    const { transportId, slots: allowed } = this.#receiving;
    if (!member.inside || from === member || transportId === undefined || !allowed.has(track.slot))
      return false;
    // A track may be gone before it is this member's turn to receive it.
    if (this.#parts.live.find(from.userId, track.slot)?.track !== track) return false;
    if (track.state !== 'live' || !member.may('recv', track.slot)) return false;
    return this.#parts.subscriptions.wants(member, from.userId, track.slot);
  }

  #want({ member: from, track }: Published): void {
    const { transportId } = this.#receiving;
    const { mediaId } = track.opening;
    const key = keyOf(mediaId, transportId);
    if (transportId === undefined || this.#consumers.get(key)) return;
    const consumerId = this.#parts.context.newId();
    const state = { announced: false, ready: false, waiting: false };
    this.#consumers.want(key, { consumerId, transportId, member: from, track, mediaId, ...state });
    this.#keyOfId.set(consumerId, key);
    const keys = this.#keysOfSlot.get(track.slot) ?? new Set();
    this.#keysOfSlot.set(track.slot, keys.add(key));
    this.#parts.live.received(mediaId, this);
  }

  #dropSlot(slot: Slot): boolean {
    let closed = false;
    for (const key of this.#keysOfSlot.get(slot) ?? []) closed = this.#drop(key) || closed;
    return closed;
  }

  #drop(key: string): boolean {
    const consumer = this.#consumers.get(key);
    if (!consumer) return false;
    this.#keyOfId.delete(consumer.consumerId);
    this.#keysOfSlot.get(consumer.track.slot)?.delete(key);
    // It may be received anew over another transport already.
    const current = keyOf(consumer.mediaId, this.#receiving.transportId);
    if (key === current || !this.#consumers.get(current))
      this.#parts.live.notReceived(consumer.mediaId, this);
    return this.#consumers.drop(key);
  }

  async #openConsumer(consumer: Consumer): Promise<void> {
    const { consumerId, transportId, mediaId, track } = consumer;
    const { rtpCapabilities } = this.#member.identity;
    if (!rtpCapabilities) throw new ServiceError('rtpCapabilitiesMissing');
    await this.#member.recording?.atLast;
    const { openings, plane } = this.#parts.context;
    const release = await openings.acquire(this.#member.place?.placeId ?? '');
    try {
      // Gone meanwhile: the reconciler closes it.
      if (this.#consumers.get(keyOf(mediaId, transportId)) !== consumer) return;
      const request = { consumerId, transportId, trackId: mediaId, rtpCapabilities };
      const offer = await plane.openConsumer(request);
      consumer.offer = { ...offer, trackId: track.trackId };
    } finally {
      release();
    }
  }

  #announce(consumer: Consumer): void {
    const { offer, member: from, track } = consumer;
    if (!offer) return;
    consumer.announced = true;
    const { roster, subscriptions } = this.#parts;
    if (subscriptions.spatialLayer(this.#member, from.userId, track.slot) !== undefined)
      this.#applyLayer(consumer);
    const params = { ...offer, userId: from.userId, slot: track.slot };
    roster.tell(this.#member, { method: 'consumerOpened', params });
  }

  #applyLayer({ consumerId, member: from, track }: Consumer): void {
    if (slotKind(track.slot) !== 'video') return;
    const wanted = this.#parts.subscriptions.spatialLayer(this.#member, from.userId, track.slot);
    this.#layers.say(consumerId, wanted ?? limits.encodings[track.slot] - 1);
  }

  #closeConsumer({ consumerId, announced, member: from, track, cause }: Consumer): void {
    this.#parts.context.plane.closeConsumer(consumerId);
    if (!announced || !this.#member.inside) return;
    const why = cause && { cause, message: errors[cause].says };
    const params = { consumerId, userId: from.userId, slot: track.slot, ...why };
    this.#parts.roster.tell(this.#member, { method: 'consumerClosed', params });
  }

  #retry({ mediaId, transportId }: Consumer, error: unknown): void {
    const { clock, mediaFailed } = this.#parts.context;
    mediaFailed(error);
    if (!(error instanceof ServiceError && error.code === 'mediaUnavailable')) return;
    clock.after(RETRY_MS, () => {
      this.#consumers.retry(keyOf(mediaId, transportId));
      this.start();
    });
  }
}

/** A consumer is the same as long as the opening of the track and the receiving transport are. */
const keyOf = (mediaId: string, transportId: string | undefined): string => `${mediaId}>${transportId}`;
