import type { Clock } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';

/** Seconds before the expiry of a key at which its member is warned. */
const WARNING_SECONDS = 30;

/** Longest sleep in milliseconds: a wall clock that was set is noticed after that. */
const LONGEST_SLEEP_MS = 30_000;

/** Told when the time of keys has come. */
export interface KeyEvents {
  warn(member: Member, expiresAt: number): void;
  /** Keys have expired or, after the wall clock was set back, are good again. */
  expiryTurned(members: readonly Member[]): void;
}

/** What has been said of a key. */
interface Said {
  readonly expiresAt: number;
  expired: boolean;
}

/** Members who are looked at together, at one time. */
interface Group {
  readonly members: Set<Member>;
  stop: () => void;
}

/** Whether the key that a member carries has expired at a time, unix milliseconds. */
export const isExpiredAt = ({ privateMapKey }: Member, now: number): boolean =>
  privateMapKey.held !== undefined && Math.floor(now / 1000) > privateMapKey.held.expiresAt;

/** Watches the expiry of the keys of a room's members: with one timer for all that are due in the same second. */
export class KeyWatch {
  readonly #clock: Clock;
  readonly #events: KeyEvents;
  /** What has been said already, and of which expiry. */
  readonly #said = new WeakMap<Member, Said>();
  /** By the wall clock, unix milliseconds. */
  readonly #groups = new Map<number, Group>();
  readonly #groupOf = new Map<Member, number>();

  constructor(clock: Clock, events: KeyEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** A member is new, or has another key. */
  watch(member: Member): void {
    if (this.#look(member)) this.#events.expiryTurned([member]);
  }

  /** A member is out. */
  forget(member: Member): void {
    const at = this.#groupOf.get(member);
    if (at === undefined) return;
    this.#groupOf.delete(member);
    const group = this.#groups.get(at);
    group?.members.delete(member);
    if (group?.members.size !== 0) return;
    group.stop();
    this.#groups.delete(at);
  }

  /** Warns again of a key that expires soon, if it was warned of. */
  warnAgain(member: Member): void {
    const said = this.#said.get(member);
    const expiresAt = member.privateMapKey.held?.expiresAt;
    if (said && said.expiresAt === expiresAt && !said.expired) this.#events.warn(member, expiresAt);
  }

  close(): void {
    for (const { stop } of this.#groups.values()) stop();
    this.#groups.clear();
    this.#groupOf.clear();
  }

  /** Says what is due of one member and arranges when to look again. Says whether its expiry has turned. */
  #look(member: Member): boolean {
    this.forget(member);
    const expiresAt = member.privateMapKey.held?.expiresAt;
    if (expiresAt === undefined || !member.inside) return false;
    const now = this.#clock.now();
    const before = this.#said.get(member);
    let said = before?.expiresAt === expiresAt ? before : undefined;
    const isExpired = isExpiredAt(member, now);
    const warnAt = (expiresAt - WARNING_SECONDS) * 1000;
    if (now >= warnAt && !said) {
      said = { expiresAt, expired: false };
      this.#said.set(member, said);
      this.#events.warn(member, expiresAt);
    }
    const turned = said !== undefined && said.expired !== isExpired;
    if (said) said.expired = isExpired;
    if (now < warnAt) {
      this.#said.delete(member);
      this.#lookAt(warnAt, member);
    } else if (!isExpired) this.#lookAt((expiresAt + 1) * 1000, member);
    // The clock can be set back: an expired key becomes good again, and is warned of again.
    else this.#lookAt(Math.ceil((now + LONGEST_SLEEP_MS) / 1000) * 1000, member);
    return turned;
  }

  #lookAt(at: number, member: Member): void {
    const group = this.#groups.get(at) ?? { members: new Set<Member>(), stop: () => {} };
    group.members.add(member);
    this.#groupOf.set(member, at);
    if (this.#groups.has(at)) return;
    this.#groups.set(at, group);
    this.#sleep(at, group);
  }

  #sleep(at: number, group: Group): void {
    const ms = Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_SLEEP_MS);
    group.stop = this.#clock.after(ms, () => this.#wake(at, group));
  }

  #wake(at: number, group: Group): void {
    const [some] = group.members;
    const isDue = this.#clock.now() >= at;
    // Set back so far that a warning or an expiry that was said holds no more.
    const isBack = some !== undefined && this.#said.has(some);
    if (!isDue && !isBack) {
      this.#sleep(at, group);
      return;
    }
    this.#groups.delete(at);
    const turned = [...group.members].filter((member) => this.#look(member));
    if (turned.length > 0) this.#events.expiryTurned(turned);
  }
}
