import type { ErrorName } from '@roomkey/protocol';
import type { Clock } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';

/** Members of a room without a valid key, who were told so and why, and may stay for a while: with one timer for all. */
export class KeyGrace {
  readonly #clock: Clock;
  readonly #over: (members: readonly Member[]) => void;
  readonly #refusals = new Map<Member, ErrorName>();
  /** By the monotonic clock. */
  #ends = 0;
  #stop: () => void = () => {};

  /** `over` is told who has no key yet when the time is over. */
  constructor(clock: Clock, over: (members: readonly Member[]) => void) {
    this.#clock = clock;
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

  /** Asks again who was asked already. */
  remind(member: Member): void {
    const cause = this.#refusals.get(member);
    if (cause === undefined) return;
    const seconds = Math.max(0, Math.ceil((this.#ends - this.#clock.elapsed()) / 1000));
    member.link.notify({ method: 'keyRequired', params: { seconds, cause } });
  }

  /** The member has a key, needs none, or is out. Says whether it was asked for one. */
  end(member: Member): boolean {
    const wasAsked = this.#refusals.delete(member);
    if (wasAsked && this.#refusals.size === 0) this.#stop();
    return wasAsked;
  }

  close(): void {
    this.#stop();
  }
}
