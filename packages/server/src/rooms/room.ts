import {
  type ErrorName,
  type MemberWire,
  type Notice,
  type NoticeParams,
  type Params,
  type Result,
  type RoomRef,
  ServiceError,
} from '@roomkey/protocol';
import { allows, type Direction, explain, type Slot, slotNeeds } from '@roomkey/tickets/permissions';
import {
  checkEntry,
  fingerprintOf,
  type HeldUserSig,
  observedEffective,
  observedMissing,
} from '../access/index.ts';
import type {
  Application,
  ChangeTimer,
  Journal,
  MediaPlace,
  MemberLink,
  Observer,
  Recording,
  RestrictionReader,
} from '../ports/index.ts';
import { Batches } from './media/batches.ts';
import { type MediaContext, MemberMedia } from './media/member-media.ts';
import { PermissionChanges } from './permissions/permission-changes.ts';
import { Publications } from './publications.ts';
import type { Refusals } from './record/refusals.ts';
import { RoomJournal } from './record/room-journal.ts';
import type { EndedSeats } from './seats/ended-seats.ts';
import { SeatKeeper } from './seats/seat-keeper.ts';
import { Mailbox } from './state/mailbox.ts';
import { Member } from './state/member.ts';
import { slotDenied } from './state/track.ts';

/** What a room works with. */
export interface RoomContext extends MediaContext {
  /** What operators have taken away. */
  readonly restrictions: RestrictionReader;
  readonly observer: Observer;
  readonly changeTimer: ChangeTimer;
  readonly journal: Journal;
  /** Most members of one room who may send at a time. */
  readonly maxSendersPerRoom: number;
  /** Seconds that a member whose connection was lost keeps its seat; 0: it leaves at once. */
  readonly seatSeconds: number;
}

/** Why a member is no longer inside, as the others are told. */
export type LeaveReason = 'exit' | 'timeout' | 'replaced' | 'removed';

type WithoutSeq<N> = N extends { readonly method: infer M; readonly params: infer P }
  ? P extends { seq: number }
    ? { readonly method: M; readonly params: Omit<P, 'seq'> }
    : never
  : never;

/** Something that happened in the room and that its members are told, before it gets its number. */
export type RoomEvent = WithoutSeq<Notice>;

/** What a room is. */
export interface RoomIdentity {
  readonly sdkAppId: number;
  readonly ref: RoomRef;
  /** Names the room among all rooms of all applications, at the media plane and in logs. */
  readonly name: string;
  /** The newest state of the room's application; throws `applicationUnknown` when there is none. */
  readonly application: () => Application;
  /** Remembers why members are out. */
  readonly endedSeats: EndedSeats;
  readonly refusals: Refusals;
}

/** Why somebody is out who did not ask for it. */
export type Removal = NoticeParams<'removed'>;

/** Somebody who is inside, with the media that follows from the state. */
interface Inside {
  readonly member: Member;
  readonly media: MemberMedia;
}

/** Somebody who was let in. */
interface Admitted {
  readonly member: Member;
  readonly result: Result<'enter'>;
  readonly recording: Recording;
  /** Where the media of the entry was that this one has replaced. */
  readonly left: MediaPlace | undefined;
}

/**
 * One room: who is inside, what they send and want to receive. Every change runs in its mailbox and none
 * waits for media; after a change the media of those whom it concerns is reconciled.
 */
export class Room {
  readonly mailbox = new Mailbox();
  readonly batches = new Batches();
  readonly publications: Publications;
  readonly changes: PermissionChanges;
  readonly seats: SeatKeeper;
  readonly journal: RoomJournal;
  readonly ref: RoomRef;
  readonly sdkAppId: number;
  /** Names the room among all rooms of all applications, at the media plane and in logs. */
  readonly name: string;
  readonly application: () => Application;
  readonly context: RoomContext;
  readonly #inside = new Map<string, Inside>();
  readonly #closed: () => void;
  readonly #endedSeats: EndedSeats;
  #exists = false;
  #seq = 0;
  #lingerSeconds = 0;
  #place: MediaPlace | undefined;
  #stopLingering: () => void = () => {};

  /** `closed` is told when the room has ceased to exist. */
  constructor(at: RoomIdentity, context: RoomContext, closed: () => void) {
    this.sdkAppId = at.sdkAppId;
    this.ref = at.ref;
    this.name = at.name;
    this.application = at.application;
    this.context = context;
    this.#closed = closed;
    this.#endedSeats = at.endedSeats;
    this.journal = new RoomJournal(this, at.refusals);
    this.seats = new SeatKeeper(this);
    this.publications = new Publications(this);
    this.changes = new PermissionChanges(this);
  }

  /** Whether the room was created and has not been closed: nobody needs the create bit to enter. */
  get exists(): boolean {
    return this.#exists;
  }

  get members(): Member[] {
    return [...this.#inside.values()].map(({ member }) => member);
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** The others whom a member sees. */
  othersOf(member: Member): MemberWire[] {
    return this.members.filter((other) => other !== member && other.visible).map((other) => other.wire());
  }

  /**
   * Resolves when the media engine has done what was closed at these places. `concerned` lost permissions there, and lose
   * their transports where the engine does not say in time that it has.
   */
  async confirmClosed(
    places: readonly (MediaPlace | undefined)[],
    concerned: readonly Member[] = [],
  ): Promise<void> {
    const distinct = new Map(places.flatMap((place) => (place ? [[place.placeId, place] as const] : [])));
    const asked = [...distinct.values()].map((place) => {
      const there = concerned.filter((member) => member.place?.placeId === place.placeId);
      const transports = there.flatMap((member) => Object.values(member.transports));
      return { place, transportIds: transports.map(({ transportId }) => transportId) };
    });
    await this.batches.done();
    await Promise.all(
      asked.map(({ place, transportIds }) => this.context.plane.confirmClosed(place, transportIds)),
    );
  }

  /** Where the media of the members is. */
  get mediaPlaces(): MediaPlace[] {
    return this.members.flatMap(({ place }) => place ?? []);
  }

  /** The media of a member who is inside. */
  media(member: Member): MemberMedia | undefined {
    const inside = this.#inside.get(member.userId);
    return inside?.member === member ? inside.media : undefined;
  }

  find(userId: string): Member | undefined {
    return this.#inside.get(userId)?.member;
  }

  /**
   * Decides an entry from top to bottom and, if it is good, lets the member in. A mailbox job; `recording` is of what it gives.
   *
   * @throws {ServiceError} of the first check that fails; nothing has changed then
   */
  admit(request: Params<'enter'>, at: { mayCreate: () => boolean; link: MemberLink }): Admitted {
    return this.journal.entry(request, (proven) => this.#admit(request, { ...at, proven }));
  }

  #admit(
    request: Params<'enter'>,
    at: { mayCreate: () => boolean; link: MemberLink; proven: (userSig: HeldUserSig) => void },
  ): Admitted {
    const { mayCreate, link, proven } = at;
    const application = this.application();
    const { clock, observer, newId, restrictions } = this.context;
    const admission = checkEntry(request, {
      application,
      room: this.ref,
      restrictions,
      exists: this.#exists,
      now: clock.now(),
      proven,
    });
    const before = this.#inside.get(admission.userId);
    if (before && application.duplicatePolicy === 'refuse') throw new ServiceError('userAlreadyInside');
    if (!this.#exists && !mayCreate()) throw new ServiceError('tooManyRooms');
    if (!before && this.#inside.size >= application.maxMembersPerRoom) throw new ServiceError('roomFull');
    if (before) {
      this.#takeOut([before], 'replaced');
      this.#sendOff(before.member, { reason: 'replaced' });
    }

    this.#exists = true;
    this.#stopLingering();
    this.#lingerSeconds = application.lingerSeconds;
    const { userId, userSig, operands } = admission;
    const { scene, role, rtpCapabilities, autoReceive } = request;
    const identity = { memberId: newId(), userId, scene, userSig, rtpCapabilities };
    const key = { ticket: request.privateMapKey, held: admission.key, observed: admission.observed };
    const member = new Member(identity, { operands, role, key, autoReceive }, link);
    const members = this.othersOf(member);
    if (member.visible) this.broadcast({ method: 'memberEntered', params: { member: member.wire() } });
    this.#inside.set(userId, { member, media: new MemberMedia(member, this.context, this.publications) });
    observer.entered(this.name, userId);
    this.changes.entered(member);
    const explanation = explain(member.operands);
    const recording = this.journal.entered(member, explanation);
    if (admission.observed?.refusal) this.wouldRefuse(member, admission.observed.refusal);
    this.tellLacking(member);
    const { memberId } = identity;
    const resume = this.seats.given(member);
    const result = { memberId, explanation, members, seq: this.#seq, resume };
    return { member, result, recording, left: before?.member.place };
  }

  /** Takes a member out; with the last one the room ends, now or after it has lingered. Idempotent. A mailbox job. */
  leave(member: Member, reason: LeaveReason, cause?: string): void {
    const inside = this.#inside.get(member.userId);
    if (inside?.member !== member) return;
    this.#takeOut([inside], reason, { cause });
    if (this.#inside.size === 0) this.#linger();
  }

  /** Takes out a member who did not ask for it, tells why and ends the connection. A mailbox job. */
  remove(member: Member, removal: Removal): void {
    this.removeAll(new Map([[member, removal]]));
  }

  /** The same for several at once. A mailbox job. */
  removeAll(removals: ReadonlyMap<Member, Removal>): void {
    const out = [...this.#inside.values()].filter(({ member }) => removals.has(member));
    if (out.length === 0) return;
    this.#takeOut(out, 'removed', { removals });
    if (this.#inside.size === 0) this.#linger();
    for (const { member } of out) this.#sendOff(member, removals.get(member) as Removal);
    // Also where nobody waits for it: an engine that does not confirm in time is ended.
    void this.confirmClosed(out.map(({ member }) => member.place));
  }

  /** Sends everybody out and ends. A mailbox job. */
  close(removal: Removal): void {
    const all = [...this.#inside.values()];
    const removals = new Map(all.map(({ member }) => [member, removal]));
    this.#takeOut(all, 'removed', { removals });
    for (const { member } of all) this.#sendOff(member, removal);
    this.#end();
  }

  /**
   * Holds that a member may use a slot; what `enforce` would refuse where keys are only observed is told and let pass.
   *
   * @throws {ServiceError} `send…Denied`, `recv…Denied`
   */
  requireSlot(member: Member, direction: Direction, slot: Slot): void {
    if (!member.may(direction, slot)) throw slotDenied(direction, slot, member.effective);
    const bits = observedEffective(member);
    if (bits !== undefined && !allows(bits, slotNeeds(direction, slot)))
      this.wouldRefuse(member, slotDenied(direction, slot, bits).code);
  }

  /** Tells what `enforce` would have refused; `ticket` is the key it is about, unless the member carries it. */
  wouldRefuse(member: Member, cause: ErrorName, ticket = member.key.ticket): void {
    const { sdkAppId, name: room } = this;
    this.context.observer.refused(cause, { sdkAppId, observed: true, room, userId: member.userId });
    this.journal.refused(member, cause, fingerprintOf(ticket), 'observed');
  }

  /** Tells what a member has here that its observed key does not hold. */
  tellLacking(member: Member): void {
    const permissions = observedMissing(member);
    const { sdkAppId, name: room } = this;
    const at = { sdkAppId, room, userId: member.userId };
    if (permissions.length > 0) this.context.observer.lacking(at, permissions);
  }

  /** Tells everybody inside, but for one, what happened. */
  broadcast(event: RoomEvent, except?: Member): void {
    const seq = ++this.#seq;
    const notice = { method: event.method, params: { ...event.params, seq } } as Notice;
    for (const { member } of this.#inside.values()) if (member !== except) member.link.notify(notice);
  }

  /** Brings one member's media to what the state says. */
  reconcile(member: Member): void {
    this.reconcileEach([member]);
  }

  /** The same for several, a slice at a time; nothing is opened before all is closed. */
  reconcileEach(members: Iterable<Member>): void {
    const all = [...members];
    this.batches.each(all, (slice) => {
      const senders = this.#senders();
      for (const member of slice) this.media(member)?.close(senders);
    });
    this.batches.eachBehind(all, (slice) => {
      for (const member of slice) this.media(member)?.open();
    });
  }

  /** The same for everybody, at once: a track came or went. */
  reconcileAll(): void {
    const senders = this.#senders();
    for (const { media } of this.#inside.values()) media.close(senders);
    for (const { media } of this.#inside.values()) media.open();
  }

  /**
   * Where media of this room goes: one place for all, as long as it lives.
   *
   * @throws {ServiceError} `mediaUnavailable`
   */
  place(): MediaPlace {
    this.#place ??= this.context.plane.place(this.name);
    return this.#place;
  }

  /** The members whose media was on a place that is gone lose it, and are told. A mailbox job. */
  placeLost(place: MediaPlace): void {
    if (this.#place?.placeId === place.placeId) this.#place = undefined;
    this.loseMedia(this.members.filter((member) => member.place?.placeId === place.placeId));
  }

  /** The transports of members are gone, or as good as gone: their tracks wait for them to come back. A mailbox job. */
  loseMedia(members: readonly Member[]): void {
    const { plane } = this.context;
    const lost = members.map((member) => {
      for (const { transportId } of Object.values(member.transports)) plane.closeTransport(transportId);
      member.transports = {};
      member.place = undefined;
      return { member, tracks: this.publications.lose(member) };
    });
    if (lost.some(({ tracks }) => tracks.length > 0)) this.reconcileAll();
    else this.reconcileEach(members);
    for (const { member, tracks } of lost)
      member.link.notify({ method: 'mediaLost', params: { trackIds: tracks.map(({ trackId }) => trackId) } });
  }

  /** Those who leave together do not hear of each other: that would be a notice for each pair of them. */
  #takeOut(
    out: readonly Inside[],
    reason: LeaveReason,
    { removals, cause }: { removals?: ReadonlyMap<Member, Removal>; cause?: string | undefined } = {},
  ): void {
    const sent = out.some(({ member }) => member.tracks.size > 0);
    for (const { member } of out) {
      member.inside = false;
      this.#inside.delete(member.userId);
    }
    for (const { member, media } of out) {
      for (const { transportId } of Object.values(member.transports))
        this.context.plane.closeTransport(transportId);
      media.close([]);
      this.seats.destroy(member);
      this.publications.abandon(member);
      for (const other of this.#inside.values()) other.member.subscriptions.forget(member.userId);
    }
    if (sent) this.reconcileAll();
    for (const { userId, visible } of out.map(({ member }) => member)) {
      if (visible) this.broadcast({ method: 'memberLeft', params: { userId, reason } });
      this.context.observer.left(this.name, userId, reason);
    }
    for (const { member } of out) this.journal.left(member, reason, removals?.get(member), cause);
    this.changes.left(out.map(({ member }) => member));
  }

  /** Most members of a large room send nothing: nobody has to look at them. */
  #senders(): Member[] {
    return this.members.filter(({ tracks }) => tracks.size > 0);
  }

  /** Tells somebody who is out already why, and ends the connection. */
  #sendOff(member: Member, removal: Removal): void {
    const { link } = member;
    this.#endedSeats.record(member, removal);
    link.notify({ method: 'removed', params: removal });
    link.end();
  }

  #linger(): void {
    if (this.#lingerSeconds === 0) {
      this.#end();
      return;
    }
    this.#stopLingering = this.context.clock.after(this.#lingerSeconds * 1000, () => {
      void this.mailbox.run(() => {
        if (this.#inside.size === 0) this.#end();
      });
    });
  }

  #end(): void {
    if (!this.#exists) return;
    this.#exists = false;
    this.#stopLingering();
    this.changes.close();
    this.context.plane.closeRoom(this.name);
    this.#closed();
  }
}
