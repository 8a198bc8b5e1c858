import {
  type Notice,
  type Params,
  type RemovalReason,
  type Result,
  type RoomRef,
  ServiceError,
} from '@roomkey/protocol';
import { explain } from '@roomkey/tickets/permissions';
import { checkEntry } from './entry.ts';
import { Mailbox } from './mailbox.ts';
import { Member } from './member.ts';
import { type MediaWorld, MemberMedia } from './member-media.ts';
import type { Application, MediaPlace, MemberLink, Observer } from './ports.ts';
import { Publications } from './publications.ts';

/** What a room works with. */
export interface RoomWorld extends MediaWorld {
  readonly observer: Observer;
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

/**
 * One room: who is inside, what they send and want to receive. Every change runs in its mailbox and none
 * waits for media; after a change the media of those whom it concerns is reconciled.
 */
export class Room {
  readonly mailbox = new Mailbox();
  readonly publications: Publications;
  readonly ref: RoomRef;
  readonly sdkAppId: number;
  /** Names the room among all rooms of all applications, at the media plane and in logs. */
  readonly name: string;
  readonly world: RoomWorld;
  readonly #inside = new Map<string, { readonly member: Member; readonly media: MemberMedia }>();
  readonly #closed: () => void;
  #exists = false;
  #seq = 0;
  #lingerSeconds = 0;
  #place: MediaPlace | undefined;
  #stopLingering: () => void = () => {};

  /** `closed` is told when the room has ceased to exist. */
  constructor(at: { sdkAppId: number; ref: RoomRef; name: string }, world: RoomWorld, closed: () => void) {
    this.sdkAppId = at.sdkAppId;
    this.ref = at.ref;
    this.name = at.name;
    this.world = world;
    this.#closed = closed;
    this.publications = new Publications(this);
  }

  /** Whether the room was created and has not been closed: nobody needs the create bit to enter. */
  get exists(): boolean {
    return this.#exists;
  }

  get members(): Member[] {
    return [...this.#inside.values()].map(({ member }) => member);
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
   * Decides an entry from top to bottom and, if it is good, lets the member in. A mailbox job.
   *
   * @throws {ServiceError} of the first check that fails; nothing has changed then
   */
  admit(
    request: Params<'enter'>,
    at: { application: Application; mayCreate: () => boolean; link: MemberLink },
  ): { member: Member; result: Result<'enter'> } {
    const { application, mayCreate, link } = at;
    const { clock, observer, newId } = this.world;
    const admission = checkEntry(request, {
      application,
      room: this.ref,
      exists: this.#exists,
      now: clock.now(),
    });
    if (admission.observed) observer.refused(admission.observed, { sdkAppId: this.sdkAppId, observed: true });

    const before = this.find(admission.userId);
    if (before && application.duplicatePolicy === 'refuse') throw new ServiceError('userAlreadyInside');
    if (!this.#exists && !mayCreate()) throw new ServiceError('tooManyRooms');
    if (!before && this.#inside.size >= application.maxMembersPerRoom) throw new ServiceError('roomFull');
    if (before) {
      this.#takeOut(before, 'replaced');
      this.#sendOff(before, 'replaced');
    }

    this.#exists = true;
    this.#stopLingering();
    this.#lingerSeconds = application.lingerSeconds;
    const { userId, userSigKeyId, privateMapKeyKeyId, operands } = admission;
    const { scene, role, rtpCapabilities } = request;
    const identity = {
      memberId: newId(),
      userId,
      scene,
      role,
      userSigKeyId,
      privateMapKeyKeyId,
      rtpCapabilities,
    };
    const member = new Member(identity, operands, request.autoReceive, link);
    const others = this.members.filter((other) => other.visible).map((other) => other.wire());
    if (member.visible) this.broadcast({ method: 'memberEntered', params: { member: member.wire() } });
    this.#inside.set(userId, { member, media: new MemberMedia(member, this.world, this.publications) });
    observer.entered(this.name, userId);
    const { memberId } = identity;
    return { member, result: { memberId, explanation: explain(operands), members: others, seq: this.#seq } };
  }

  /** Takes a member out; with the last one the room ends, now or after it has lingered. Idempotent. A mailbox job. */
  leave(member: Member, reason: LeaveReason): void {
    if (!member.inside) return;
    this.#takeOut(member, reason);
    if (this.#inside.size === 0) this.#linger();
  }

  /** Sends everybody out and ends. A mailbox job. */
  close(reason: RemovalReason): void {
    const members = this.members;
    // Everybody is told of the end before anybody could hear of the others' leaving.
    for (const member of members) this.#sendOff(member, reason);
    for (const member of members) this.#takeOut(member, 'removed');
    this.#end();
  }

  /** Tells everybody inside, but for one, what happened. */
  broadcast(event: RoomEvent, except?: Member): void {
    const seq = ++this.#seq;
    const notice = { method: event.method, params: { ...event.params, seq } } as Notice;
    for (const { member } of this.#inside.values()) if (member !== except) member.link.notify(notice);
  }

  /** Brings one member's media to what the state says. */
  reconcile(member: Member): void {
    this.media(member)?.reconcile(this.members);
  }

  /** The same for everybody: a track came or went. */
  reconcileAll(): void {
    const members = this.members;
    for (const { media } of this.#inside.values()) media.reconcile(members);
  }

  /**
   * Where media of this room goes: one place for all, as long as it lives.
   *
   * @throws {ServiceError} `mediaUnavailable`
   */
  place(): MediaPlace {
    this.#place ??= this.world.plane.place(this.name);
    return this.#place;
  }

  /** The members whose media was on a place that is gone lose it, and are told. A mailbox job. */
  placeLost(place: MediaPlace): void {
    if (this.#place?.placeId === place.placeId) this.#place = undefined;
    for (const member of this.members) if (member.place?.placeId === place.placeId) this.loseMedia(member);
  }

  /** A member's transports are gone, or as good as gone: its tracks wait for it to come back. A mailbox job. */
  loseMedia(member: Member): void {
    const { plane } = this.world;
    for (const transport of Object.values(member.transports)) plane.closeTransport(transport.transportId);
    member.transports = {};
    member.place = undefined;
    const tracks = this.publications.lose(member);
    this.reconcileAll();
    member.link.notify({ method: 'mediaLost', params: { trackIds: tracks.map((track) => track.trackId) } });
  }

  #takeOut(member: Member, reason: LeaveReason): void {
    const media = this.media(member);
    member.inside = false;
    this.#inside.delete(member.userId);
    for (const transport of Object.values(member.transports))
      this.world.plane.closeTransport(transport.transportId);
    media?.reconcile([]);
    this.publications.abandon(member);
    for (const other of this.members) other.wishes.forget(member.userId);
    this.reconcileAll();
    const { userId } = member;
    if (member.visible) this.broadcast({ method: 'memberLeft', params: { userId, reason } });
    this.world.observer.left(this.name, userId, reason);
  }

  /** Tells somebody who is out already why, and ends the connection. */
  #sendOff({ link }: Member, reason: RemovalReason): void {
    link.notify({ method: 'removed', params: { reason } });
    link.end();
  }

  #linger(): void {
    if (this.#lingerSeconds === 0) return this.#end();
    this.#stopLingering = this.world.clock.after(this.#lingerSeconds * 1000, () => {
      void this.mailbox.run(() => {
        if (this.#inside.size === 0) this.#end();
      });
    });
  }

  #end(): void {
    if (!this.#exists) return;
    this.#exists = false;
    this.#stopLingering();
    this.world.plane.closeRoom(this.name);
    this.#closed();
  }
}
