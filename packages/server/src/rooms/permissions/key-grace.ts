import type { ErrorName } from '@roomkey/protocol';
import type { Clock } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';

/** Members of a room without a valid key, who were told so and why, and may stay for a while: with one timer for all. */
export class KeyGrace {
  readonly #clock: Clock;
  readonly #roster: Pick<Roster, 'tell'>;
  readonly #over: (members: readonly Member[]) => void;
  readonly #refusals = new Map<Member, ErrorName>();
  /** By the monotonic clock. */
  #ends = 0;
  #stop: () => void = () => {};

  /** `over` is told who has no key yet when the time is over. */
  constructor(clock: Clock, roster: Pick<Roster, 'tell'>, over: (members: readonly Member[]) => void) {
    this.#clock = clock;
    this.#roster = roster;
    this.#over = over;
  }

  /** Asks a member for a key, unless it was asked already; the first one begins the `seconds` that they all have. */
  begin(member: Member, refusal: ErrorName, seconds: number): void {
    if (this.#refusals.has(member)) return;
    if (this.#refusals.size === 0) {
      this.#ends = this.#clock.elapsed() + seconds * 1000;
      this.#stop = this.#clock.after(seconds * 1000, () => {
        const members = [...this.#refusals.keys()];
        this.#refusals.clear();
        this.#over(members);
      });
    }
    this.#refusals.set(member, refusal);
    this.remind(member);
  }

  /** Whether a member was asked for a key and has given none. */
  isAsked(member: Member): boolean {
    return this.#refusals.has(member);
  }

  /** Asks again who was asked already. */
  remind(member: Member): void {
    const cause = this.#refusals.get(member);
    if (cause === undefined) return;
    const seconds = Math.max(0, Math.ceil((this.#ends - this.#clock.elapsed()) / 1000));
    this.#roster.tell(member, { method: 'keyRequired', params: { seconds, cause } });
  }

  /** The member has a key, needs none, or is out. */
  end(member: Member): void {
    if (this.#refusals.delete(member) && this.#refusals.size === 0) this.#stop();
  }

  close(): void {
    this.#stop();
  }
}
