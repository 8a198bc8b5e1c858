import { type Slot, slotKind } from '@roomkey/tickets/permissions';
import type { Member } from './member.ts';
import type { ShutSlots } from './shut-slots.ts';

/** What a member said of one slot of one sender. */
interface Wish {
  readonly wanted: boolean;
  readonly spatialLayer?: number | undefined;
}

/**
 * What the members of a room wish to receive, kept by the room; consumers follow from that and from permission.
 * It is found from both sides: what one member wishes for, and who wishes for a slot.
 */
export class Subscriptions {
  readonly #shutSlots: ShutSlots;
  readonly #room: string;
  readonly #auto = { audio: new Set<Member>(), video: new Set<Member>() };
  /** By sender's user id: what members said of its slots. */
  readonly #about = new Map<string, Map<Member, Map<Slot, Wish>>>();
  /** By member: the senders of whom it said something. */
  readonly #senders = new Map<Member, Set<string>>();

  /** `room` is its name among all rooms. */
  constructor(shutSlots: ShutSlots, room: string) {
    this.#shutSlots = shutSlots;
    this.#room = room;
  }

  /** A member has entered. */
  enter(member: Member): void {
    const { audio, video } = member.autoReceive;
    if (audio) this.#auto.audio.add(member);
    if (video) this.#auto.video.add(member);
  }

  /** A member is out: what it wished for, and what others wished for of it, is forgotten. */
  leave(member: Member): void {
    this.#auto.audio.delete(member);
    this.#auto.video.delete(member);
    for (const userId of this.#senders.get(member) ?? []) this.#forget(userId, member);
    this.#senders.delete(member);
    for (const other of this.#about.get(member.userId)?.keys() ?? [])
      this.#senders.get(other)?.delete(member.userId);
    this.#about.delete(member.userId);
  }

  want(member: Member, userId: string, slot: Slot, spatialLayer?: number): void {
    this.#say(member, userId, slot, { wanted: true, spatialLayer });
  }

  refuse(member: Member, userId: string, slot: Slot): void {
    this.#say(member, userId, slot, { wanted: false });
  }

  /** Ends a wish against the member's will: for a while it cannot be uttered again. */
  shut(member: Member, userId: string, slot: Slot): void {
    this.#say(member, userId, slot, { wanted: false });
    this.#shutSlots.shut(this.#room, member, slot, userId);
  }

  /** Whether a wish was ended against the member's will, and cannot be uttered again yet. */
  isShut(member: Member, userId: string, slot: Slot): boolean {
    return this.#shutSlots.isShut(this.#room, member, slot, userId);
  }

  wants(member: Member, userId: string, slot: Slot): boolean {
    const wanted = this.#wish(member, userId, slot)?.wanted ?? member.autoReceive[slotKind(slot)];
    // Of the stay before this one: what is received without asking is not received then, either.
    return wanted && !this.isShut(member, userId, slot);
  }

  /** The highest simulcast layer that a member wants; undefined means all. */
  spatialLayer(member: Member, userId: string, slot: Slot): number | undefined {
    return this.#wish(member, userId, slot)?.spatialLayer;
  }

  /** Those who wish to receive a slot of a sender. */
  *subscribers(userId: string, slot: Slot): Iterable<Member> {
    const about = this.#about.get(userId);
    const auto = this.#auto[slotKind(slot)];
    for (const member of auto) if (about?.get(member)?.get(slot)?.wanted !== false) yield member;
    for (const [member, wishes] of about ?? [])
      if (wishes.get(slot)?.wanted && !auto.has(member)) yield member;
  }

  /** The senders of whom a member may wish to receive a slot; undefined: all but those whom it refused. */
  senders(member: Member, slot: Slot): Iterable<string> | undefined {
    return member.autoReceive[slotKind(slot)] ? undefined : (this.#senders.get(member) ?? []);
  }

  #wish(member: Member, userId: string, slot: Slot): Wish | undefined {
    return this.#about.get(userId)?.get(member)?.get(slot);
  }

  #say(member: Member, userId: string, slot: Slot, wish: Wish): void {
    const about = entryOf(this.#about, userId, () => new Map<Member, Map<Slot, Wish>>());
    entryOf(about, member, () => new Map<Slot, Wish>()).set(slot, wish);
    entryOf(this.#senders, member, () => new Set<string>()).add(userId);
  }

  #forget(userId: string, member: Member): void {
    const about = this.#about.get(userId);
    about?.delete(member);
    if (about?.size === 0) this.#about.delete(userId);
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
