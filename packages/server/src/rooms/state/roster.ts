import type { MemberWire, Notice } from '@roomkey/protocol';
import type { EventLoopShare } from '../../event-loop-share.ts';
import type { Member } from './member.ts';
import { NoticeQueue } from './notice-queue.ts';
import { nowhere } from './nowhere.ts';

type WithoutSeq<N> = N extends { readonly method: infer M; readonly params: infer P }
  ? P extends { seq: number }
    ? { readonly method: M; readonly params: Omit<P, 'seq'> }
    : never
  : never;

/** What all members are told, before it gets its number. */
export type Broadcast = WithoutSeq<Notice>;

/** Who is inside a room, and the way to tell them something. */
export class Roster implements Iterable<Member> {
  readonly #byUser = new Map<string, Member>();
  readonly #byId = new Map<string, Member>();
  /** Those whom the others see. */
  readonly #visible = new Set<Member>();
  readonly #queue: NoticeQueue;
  #seq = 0;

  /** `fault` is told what a member's connection throws. */
  constructor(share: EventLoopShare, fault: (error: unknown) => void) {
    this.#queue = new NoticeQueue(share, fault);
  }

  get size(): number {
    return this.#byUser.size;
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#byUser.values();
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  find(userId: string): Member | undefined {
    return this.#byUser.get(userId);
  }

  /** Another member whom a member sees; of an audience member it is not told whether it is inside. */
  seenBy(member: Member, userId: string): Member | undefined {
    const other = this.#byUser.get(userId);
    return other && other !== member && this.#visible.has(other) ? other : undefined;
  }

  /** The member whose stay in the room has this id. */
  withId(memberId: string): Member | undefined {
    return this.#byId.get(memberId);
  }

  /** Lets a member in, and tells the others if they see it. */
  add(member: Member): void {
    this.#byUser.set(member.userId, member);
    this.#byId.set(member.identity.memberId, member);
    this.#queue.join(member.link);
    this.show(member);
  }

  /** Takes a member out. The others are not told of it. */
  remove(member: Member): void {
    member.inside = false;
    this.#byUser.delete(member.userId);
    this.#byId.delete(member.identity.memberId);
    this.#visible.delete(member);
    this.#queue.leave(member.link);
  }

  /** The others whom a member sees. */
  othersOf(member: Member): MemberWire[] {
    return [...this.#visible].flatMap((other) => (other === member ? [] : other.wire()));
  }

  /** The role of a member may have changed: in scene `live` others see anchors only. Tells them if it comes into sight or goes out of it. */
  show(member: Member): void {
    const { userId, visible } = member;
    if (visible === this.#visible.has(member)) return;
    if (visible) this.#visible.add(member);
    else this.#visible.delete(member);
    if (visible) this.broadcast({ method: 'memberEntered', params: { member: member.wire() } }, member);
    else this.broadcast({ method: 'memberLeft', params: { userId, reason: 'roleChanged' } }, member);
  }

  /** Tells everybody inside, but for one, what happened. All get the same notice, so that it is written once. */
  broadcast({ method, params }: Broadcast, except?: Member): void {
    const seq = ++this.#seq;
    const notice = { method, params: { ...params, seq } } as Notice;
    this.#queue.tellAll(notice, except?.link);
  }

  /** Tells one member something. */
  tell({ link }: Member, notice: Notice): void {
    this.#queue.tell(link, notice);
  }

  /** Tells somebody who is out already why, and ends the connection. */
  sendOff({ link }: Member, notice: Notice): void {
    this.#queue.tell(link, notice);
    this.#queue.end(link);
  }

  /** Resolves when everybody has been told what was to be told so far. */
  told(): Promise<void> {
    return this.#queue.told();
  }

  /** Takes over another connection to a member. What the old one was still to be told is in the answer to `resume`. */
  reconnect(member: Member, link: Member['link']): void {
    const before = member.link;
    this.disconnect(member);
    member.link = link;
    this.#queue.join(link);
    before.end('superseded');
  }

  /** The connection to a member is lost: what it was still to be told is in the answer to `resume`. */
  disconnect(member: Member): void {
    this.#queue.forget(member.link);
    member.link = nowhere;
  }
}
