import type { RoomRef } from '@roomkey/protocol';
import { type HeldKey, type TicketContext, verifiedPrivateMapKey } from '../../access/index.ts';
import type { Application } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';

/** What came of a verification, and of what. */
interface Verified {
  readonly ticket: string | undefined;
  readonly application: Application;
  /** Unix seconds. */
  readonly second: number;
  readonly key: () => HeldKey;
}

/**
 * Verifies keys that members carry, and remembers what came of it until it is asked for. Verifying a thousand keys takes
 * longer than one turn of the event loop may, so it is done before the turn that decides about their members. What was
 * verified against another application, in another second, or of another key counts for nothing.
 */
export class VerifiedAhead {
  readonly #room: RoomRef;
  readonly #verified = new WeakMap<Member, Verified>();

  constructor(room: RoomRef) {
    this.#room = room;
  }

  /** Verifies the key that a member carries now. */
  verify(member: Member, context: TicketContext): void {
    const { ticket } = member.privateMapKey;
    const { application, now } = context;
    const key = outcome(() => verifiedPrivateMapKey(ticket, context, this.#room));
    this.#verified.set(member, { ticket, application, second: secondOf(now), key });
  }

  /** The key of a member, verified now or before. @throws {ServiceError} `privateMapKey…` */
  key(member: Member, ticket: string | undefined, context: TicketContext): HeldKey {
    const known = this.#verified.get(member);
    this.#verified.delete(member);
    const isSame =
      known?.ticket === ticket &&
      known?.application === context.application &&
      known.second === secondOf(context.now);
    return isSame ? known.key() : verifiedPrivateMapKey(ticket, context, this.#room);
  }
}

/** What a job returns or throws, once for all. */
function outcome<T>(job: () => T): () => T {
  try {
    const result = job();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

const secondOf = (milliseconds: number): number => Math.floor(milliseconds / 1000);
