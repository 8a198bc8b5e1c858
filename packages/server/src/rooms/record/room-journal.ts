import { type ErrorName, errors, ServiceError } from '@roomkey/protocol';
import { type Explanation, missing, type OperandName } from '@roomkey/tickets/permissions';
import { type Admission, fingerprintOf, type HeldUserSig } from '../../access/index.ts';
import type { JournalRecord, Recording, TicketFingerprints } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Departure, Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { PermissionChange } from './permission-change.ts';
import type { Refusals } from './refusals.ts';

/** Removals that an operator has decided on. */
const operated: readonly Removal['reason'][] = ['kicked', 'banned', 'dismissed', 'revoked'];

/** What a room tells the journal of those who are, or would be, inside. Every method is called inside a mailbox turn. */
export class RoomJournal {
  readonly #identity: RoomIdentity;
  readonly #context: Pick<RoomContext, 'journal' | 'clock'>;
  readonly #refusals: Refusals;

  constructor(identity: RoomIdentity, context: Pick<RoomContext, 'journal' | 'clock'>, refusals: Refusals) {
    this.#identity = identity;
    this.#context = context;
    this.#refusals = refusals;
  }

  /** A member was let in. */
  entered(member: Member, { effective: after, operands, cleared }: Explanation): Recording {
    const { scene } = member.identity;
    const named = new Set<OperandName>(['held', ...cleared.map(({ operand }) => operand)]);
    return this.#granted(member, {
      ...this.#about(member),
      kind: 'entered',
      actor: member.userId,
      cause: operands.held.cause,
      after,
      operands: Object.fromEntries([...named].map((name) => [name, [0, operands[name].bits]])),
      tickets: ticketsOf(member),
      details: { scene, role: member.role },
    });
  }

  /** A member has taken up its seat again. */
  resumed(member: Member): void {
    const { userId: actor, effective: after } = member;
    this.#tell({ ...this.#about(member), kind: 'resumed', actor, cause: 'resume', before: after, after });
  }

  /** The permissions of a member have changed; undefined when that gives nothing. */
  changed(member: Member, { operands, ...change }: PermissionChange): Recording | undefined {
    const { before, after, cause } = change;
    const isOfKey = operands.held !== undefined || operands.lapsed !== undefined;
    const tickets = isOfKey ? ticketsOf(member) : undefined;
    const record = { ...this.#about(member), ...change, operands, tickets };
    if (missing(before, after).length > 0) return this.#granted(member, { ...record, kind: 'granted' });
    const shrank = missing(after, before).length > 0;
    this.#tell({ ...record, kind: cause === 'keyExpired' ? 'expired' : shrank ? 'taken' : 'changed' });
    return undefined;
  }

  /** The key of a member has expired, and the member keeps what it held. */
  expired(member: Member): void {
    const { effective: after } = member;
    const tickets = ticketsOf(member);
    const same = { actor: 'system', cause: 'keyExpired', before: after, after, tickets };
    this.#tell({ ...this.#about(member), kind: 'expired', ...same });
  }

  /** A member is out. */
  left({ member, reason, removal: why, cause = reason }: Departure): void {
    const asked = reason === 'exit' || reason === 'replaced';
    const byOperator = why !== undefined && operated.includes(why.reason);
    this.#tell({
      ...this.#about(member),
      kind: 'left',
      actor: asked ? member.userId : byOperator ? 'operator' : 'system',
      cause: why?.cause ?? why?.reason ?? cause,
      before: member.effective,
      after: 0,
      tickets: why?.cause === undefined ? undefined : ticketsOf(member),
    });
  }

  /** Runs the decision about an entry; what it refuses after it has told of a good UserSig is on record. */
  entry<T>({ userId, privateMapKey }: Admission, decide: (proven: (userSig: HeldUserSig) => void) => T): T {
    let known: HeldUserSig | undefined;
    try {
      return decide((userSig) => {
        known = userSig;
      });
    } catch (error) {
      if (known && error instanceof ServiceError) {
        const tickets = { userSig: known.fingerprint, privateMapKey: fingerprintOf(privateMapKey) };
        this.#refusals.tell({ ...this.#where, userId, actor: userId, cause: error.code, tickets });
      }
      throw error;
    }
  }

  /**
   * A member was refused, or would be under `enforce`, for want of a permission or for its tickets; other mistakes are no
   * decision about rights.
   */
  refused(member: Member, cause: ErrorName, key: string | undefined, observed?: 'observed'): void {
    if (errors[cause].http !== 401 && errors[cause].http !== 403) return;
    this.#refusals.tell({
      ...this.#about(member),
      actor: member.userId,
      cause,
      tickets: { userSig: member.identity.userSig.fingerprint, privateMapKey: key },
      details: observed && { observed: true },
    });
  }

  #granted(member: Member, record: Omit<JournalRecord, 'at'>): Recording {
    const recording = this.#context.journal.appendGrant({ ...record, at: this.#now });
    member.recording = recording;
    void recording.atLast.then(() => {
      if (member.recording === recording) member.recording = undefined;
    });
    return recording;
  }

  #tell(record: Omit<JournalRecord, 'at'>): void {
    this.#context.journal.append({ ...record, at: this.#now });
  }

  #about({ userId, identity: { memberId } }: Member) {
    return { ...this.#where, userId, memberId };
  }

  get #where() {
    const { sdkAppId, key: room } = this.#identity;
    return { sdkAppId, room };
  }

  get #now(): number {
    return this.#context.clock.now();
  }
}

const ticketsOf = ({ identity, key }: Member): TicketFingerprints => ({
  userSig: identity.userSig.fingerprint,
  privateMapKey: key.held?.fingerprint,
});
