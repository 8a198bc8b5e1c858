import {
  effective,
  maySendAnything,
  nothingTaken,
  type Operand,
  sendBits,
  systemActor,
} from '@roomkey/tickets/permissions';
import type { Member } from '../state/member.ts';

/** Takes the send bits of a member for whom there is no place among those who may send. */
const cappedOperand = (since: number): Operand => ({
  bits: sendBits,
  cause: 'senderCapReached',
  actor: systemActor,
  since,
});

/**
 * The places of those who may send: at most so many in a room. Who has a place keeps it as long as it may send;
 * a place that becomes free goes to who has waited longest.
 */
export class SenderCap {
  readonly #most: number;
  readonly #placed = new Set<Member>();
  /** Without a place, in the order in which they came. */
  readonly #waiting = new Set<Member>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Says whose `capped` changes, and to what, after members have come, gone or changed; the state itself stays as it is. */
  settle(concerned: readonly Member[], now: number): Map<Member, Operand> {
    const freed: Member[] = [];
    for (const member of concerned) {
      const wants = member.inside && wantsPlace(member);
      if (!wants && (this.#placed.delete(member) || this.#waiting.delete(member))) freed.push(member);
      if (wants && !this.#placed.has(member)) this.#waiting.add(member);
    }
    for (const member of this.#waiting) {
      if (this.#placed.size >= this.#most) break;
      this.#waiting.delete(member);
      this.#placed.add(member);
      freed.push(member);
    }
    const changes = new Map<Member, Operand>();
    for (const member of freed) if (member.inside && isCapped(member)) changes.set(member, nothingTaken(now));
    for (const member of concerned)
      if (this.#waiting.has(member) && !isCapped(member)) changes.set(member, cappedOperand(now));
    return changes;
  }
}

const isCapped = ({ operands }: Member): boolean => operands.capped.cause === 'senderCapReached';

/** Whether the other operands let the member send anything. */
const wantsPlace = ({ operands }: Member): boolean =>
  maySendAnything(effective({ ...operands, capped: nothingTaken(0) }));
