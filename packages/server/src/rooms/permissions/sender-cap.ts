import {
  effective,
  maySendAnything,
  nothingTaken,
  type Operand,
  sendBits,
  systemActor,
} from '@roomkey/tickets/permissions';
import type { Member } from '../state/member.ts';

/** Takes the send bits of a member while as many others may send as the room allows. */
const cappedOperand = (since: number): Operand => ({
  bits: sendBits,
  cause: 'senderCapReached',
  actor: systemActor,
  since,
});

/**
 * The senders of a room: at most so many members may send, whether they do or not. A sender stays one as long as the other operands
 * let it send. When there is one less, who has waited longest is next.
 */
export class SenderCap {
  readonly #most: number;
  readonly #senders = new Set<Member>();
  /** Who would be a sender too, in the order in which they came. */
  readonly #waiting = new Set<Member>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Says whose `capped` changes, and to what, after members have come, gone or changed; the state itself stays as it is. */
  settle(concerned: readonly Member[], now: number): Map<Member, Operand> {
    const freed: Member[] = [];
    for (const member of concerned) {
      const wants = member.inside && wouldSend(member);
      if (!wants && (this.#senders.delete(member) || this.#waiting.delete(member))) freed.push(member);
      if (wants && !this.#senders.has(member)) this.#waiting.add(member);
    }
    for (const member of this.#waiting) {
      if (this.#senders.size >= this.#most) break;
      this.#waiting.delete(member);
      this.#senders.add(member);
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
const wouldSend = ({ operands }: Member): boolean =>
  maySendAnything(effective({ ...operands, capped: nothingTaken(0) }));
