import type { Clock } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';

/** Seconds before the expiry of a key at which its member is warned. */
const WARNING_SECONDS = 30;

/** Longest sleep in milliseconds: a wall clock that was set is noticed after that. */
const LONGEST_SLEEP_MS = 30_000;

/** Told when the time of a key has come. */
export interface KeyEvents {
  warn(member: Member, expiresAt: number): void;
  /** The key has expired or, after the wall clock was set back, is good again. */
  expiryTurned(member: Member): void;
}

/** Watches the expiry of all keys of a room with a single timer. */
export class KeyWatch {
  readonly #clock: Clock;
  readonly #members: () => readonly Member[];
  readonly #events: KeyEvents;
  /** What has been said already, and of which expiry. */
  readonly #said = new WeakMap<Member, { readonly expiresAt: number; expired: boolean }>();
  /** When somebody has to be looked at, unix milliseconds. */
  #next = Number.POSITIVE_INFINITY;
  #stop: () => void = () => {};

  constructor(clock: Clock, members: () => readonly Member[], events: KeyEvents) {
    this.#clock = clock;
    this.#members = members;
    this.#events = events;
  }

  /** Time has passed, or much has changed: says what is due and sleeps until something will be. */
  again(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const member of this.#members()) next = Math.min(next, this.#look(member));
    this.#sleepUntil(next);
  }

  /** One member is new, or has another key. */
  watch(member: Member): void {
    const next = this.#look(member);
    if (next < this.#next) this.#sleepUntil(next);
  }

  /** Warns again of a key that expires soon, if it was warned of. */
  warnAgain(member: Member): void {
    const said = this.#said.get(member);
    const expiresAt = member.key.held?.expiresAt;
    if (said && said.expiresAt === expiresAt && !said.expired) this.#events.warn(member, expiresAt);
  }

  close(): void {
    this.#stop();
  }

  isExpired({ key }: Member): boolean {
    return key.held !== undefined && Math.floor(this.#clock.now() / 1000) > key.held.expiresAt;
  }

  #sleepUntil(next: number): void {
    this.#stop();
    this.#next = next;
    if (next === Number.POSITIVE_INFINITY) return;
    const sleep = Math.min(Math.max(next - this.#clock.now(), 0), LONGEST_SLEEP_MS);
    this.#stop = this.#clock.after(sleep, () => this.again());
  }

  /** Says what is due of one member; returns when to look again, unix milliseconds. */
  #look(member: Member): number {
    const expiresAt = member.key.held?.expiresAt;
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    const before = this.#said.get(member);
    let said = before?.expiresAt === expiresAt ? before : undefined;
    const isExpired = this.isExpired(member);
    const warnAt = (expiresAt - WARNING_SECONDS) * 1000;
    const isDue = this.#clock.now() >= warnAt;
    if (isDue && !said) {
      said = { expiresAt, expired: false };
      this.#said.set(member, said);
      this.#events.warn(member, expiresAt);
    }
    if (said && said.expired !== isExpired) {
      said.expired = isExpired;
      this.#events.expiryTurned(member);
    }
    if (!member.inside) return Number.POSITIVE_INFINITY;
    // The clock can be set back: an expired key becomes good again, and is warned of again.
    if (isExpired) return this.#clock.now() + LONGEST_SLEEP_MS;
    if (isDue) return (expiresAt + 1) * 1000;
    this.#said.delete(member);
    return warnAt;
  }
}
