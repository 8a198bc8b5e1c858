import { type ErrorName, errors, ServiceError } from '@roomkey/protocol';
import {
  type Explanation,
  effective,
  missing,
  type OperandName,
  type Operands,
  operatorActor,
  systemActor,
  userActor,
} from '@roomkey/tickets/permissions';
import { fingerprintOf, type HeldUserSig } from '../../access/index.ts';
import type { Admission, JournalRecord, Recording, TicketFingerprints } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Departure, Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { PermissionChange } from './permission-change.ts';
import type { Refusals } from './refusals.ts';

/** Removals that an operator has decided on. */
const operated: readonly Removal['reason'][] = ['kicked', 'banned', 'dismissed', 'revoked'];

/** What a room tells the journal of those who are, or would be, inside. Every method is called within a turn. */
export class RoomJournal {
  readonly #identity: RoomIdentity;
  readonly #context: Pick<RoomContext, 'journal' | 'clock'>;
  readonly #refusals: Refusals;
  /** Those who are out, by user, and whose record of that is put off. */
  readonly #leaving = new Map<string, Member>();

  constructor(identity: RoomIdentity, context: Pick<RoomContext, 'journal' | 'clock'>, refusals: Refusals) {
    this.#identity = identity;
    this.#context = context;
    this.#refusals = refusals;
  }

  /** A member was let in. */
  entered(member: Member, { effective: after, operands, cleared }: Explanation): Recording {
    this.#leaving.get(member.userId)?.writeRecord();
    const { scene } = member.identity;
    const named = new Set<OperandName>(['held', ...cleared.map(({ operand }) => operand)]);
    return this.#granted(member, {
      ...this.#about(member),
      kind: 'entered',
      actor: userActor(member.userId),
      cause: operands.held.cause,
      after,
      operands: Object.fromEntries([...named].map((name) => [name, [0, operands[name].bits]])),
      tickets: ticketsOf(member),
      details: { scene, role: member.role },
    });
  }

  /** A member has taken up its seat again. */
  resumed(member: Member): void {
    const { userId, effective: after } = member;
    const actor = userActor(userId);
    this.#tell({ ...this.#about(member), kind: 'resumed', actor, cause: 'resume', before: after, after });
  }

  /**
   * To be called before something is given that a user has asked for: an entry, or a change from `was` to `asked` if it gives more.
   *
   * @throws {ServiceError} `journalUnavailable` or `tooManyChanges` when the record of it cannot be taken
   */
  requireRoomFor(userId: string, was?: Operands, asked?: Operands): void {
    const refusal = this.#context.journal.grantRefusal({ sdkAppId: this.#identity.sdkAppId, userId });
    const gives = !was || !asked || missing(effective(was), effective(asked)).length > 0;
    if (refusal && gives) throw new ServiceError(refusal);
  }

  /** The permissions of a member changed `at` this time, unix milliseconds; undefined when that gives nothing. */
  changed(member: Member, { operands, ...change }: PermissionChange, at: number): Recording | undefined {
    const { before, after, cause } = change;
    const isOfKey = operands.held !== undefined || operands.lapsed !== undefined;
    const tickets = isOfKey ? ticketsOf(member) : undefined;
    const record = { ...this.#about(member), ...change, operands, tickets };
    if (missing(before, after).length > 0) return this.#granted(member, { ...record, kind: 'granted' }, at);
    const shrank = missing(after, before).length > 0;
    this.#tell({ ...record, kind: cause === 'keyExpired' ? 'expired' : shrank ? 'taken' : 'changed' }, at);
    return undefined;
  }

  /** The key of a member has expired, and the member keeps what it held. */
  expired(member: Member): void {
    const { effective: after } = member;
    const tickets = ticketsOf(member);
    const same = { actor: systemActor, cause: 'keyExpired', before: after, after, tickets };
    this.#tell({ ...this.#about(member), kind: 'expired', ...same });
  }

  /** A member is out. Its record is put off; it comes before that of another entry of the same user. */
  left({ member, reason, removal: why, cause = reason }: Departure): void {
    const { userId } = member;
    const at = this.#now;
    this.#leaving.set(userId, member);
    member.recordLater(() => {
      if (this.#leaving.get(userId) === member) this.#leaving.delete(userId);
      const asked = reason === 'exit' || reason === 'replaced';
      const byOperator = why !== undefined && operated.includes(why.reason);
      const record = {
        ...this.#about(member),
        kind: 'left',
        actor: asked ? userActor(userId) : byOperator ? operatorActor() : systemActor,
        cause: why?.cause ?? why?.reason ?? cause,
        before: member.effective,
        after: 0,
        tickets: why?.cause === undefined ? undefined : ticketsOf(member),
      } as const;
      this.#tell(record, at);
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
        this.#refusals.tell({ ...this.#where, userId, actor: userActor(userId), cause: error.code, tickets });
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
      actor: userActor(member.userId),
      cause,
      tickets: { userSig: member.identity.userSig.fingerprint, privateMapKey: key },
      details: observed && { observed: true },
    });
  }

  #granted(member: Member, record: Omit<JournalRecord, 'at'>, at = this.#now): Recording {
    const recording = this.#context.journal.appendGrant({ ...record, at });
    member.recording = recording;
    void recording.atLast.then(() => {
      if (member.recording === recording) member.recording = undefined;
    });
    return recording;
  }

  #tell(record: Omit<JournalRecord, 'at'>, at = this.#now): void {
    this.#context.journal.append({ ...record, at });
  }

  /** Where a record of a member begins: behind the one that was put off. */
  #about(member: Member) {
    member.writeRecord();
    const { userId, identity } = member;
    const { memberId } = identity;
    return { ...this.#where, userId, memberId };
  }

  get #where() {
    const { sdkAppId, roomKey: room } = this.#identity;
    return { sdkAppId, room };
  }

  get #now(): number {
    return this.#context.clock.now();
  }
}

const ticketsOf = ({ identity, privateMapKey }: Member): TicketFingerprints => ({
  userSig: identity.userSig.fingerprint,
  privateMapKey: privateMapKey.held?.fingerprint,
});
