import { type ErrorName, ServiceError } from '@roomkey/protocol';
import { effective, nothingTaken, type Operands, userActor } from '@roomkey/tickets/permissions';
import {
  type CarriedKey,
  controlOf,
  type HeldKey,
  heldOperand,
  observedKey,
  refuseRevokedKey,
  requireEntryBits,
  revokedAs,
  type TicketContext,
} from '../../access/index.ts';
import type { Application, PermissionControl, Whereabouts } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Observation } from '../record/observation.ts';
import type { Member } from '../state/member.ts';
import { VerifiedAhead } from './verified-ahead.ts';

/** What a key makes of a member. */
export interface KeyChange {
  readonly privateMapKey: CarriedKey;
  readonly operands: Partial<Operands>;
}

/** Holds the keys of members against what holds now. Changes nobody. */
export class MemberKeys {
  readonly #identity: RoomIdentity;
  readonly #context: Pick<RoomContext, 'clock' | 'restrictions'>;
  readonly #observation: Observation;
  readonly #verified: VerifiedAhead;

  constructor(
    identity: RoomIdentity,
    context: Pick<RoomContext, 'clock' | 'restrictions'>,
    observation: Observation,
  ) {
    this.#identity = identity;
    this.#context = context;
    this.#observation = observation;
    this.#verified = new VerifiedAhead(identity.ref);
  }

  /** How keys are checked in this room now. */
  get control(): PermissionControl {
    return controlOf(this.#identity.application(), this.#identity.ref);
  }

  /** What the tickets of a member are held against. */
  context({ userId }: Member, application: Application = this.#identity.application()): TicketContext {
    const { clock, restrictions } = this.#context;
    return { application, userId, restrictions, now: clock.now() };
  }

  /** Who a member is, where. */
  where({ userId }: Member): Whereabouts {
    const { sdkAppId, roomKey: room } = this.#identity;
    return { sdkAppId, room, userId };
  }

  /**
   * What a key that is given in the place of the carried one changes. Where keys are only observed, none is refused:
   * it is told that it would be, and the one before is carried on as under `enforce`.
   *
   * @throws {ServiceError} `privateMapKey…`, `keyOlder`, `enterRoomDenied`, `banned`
   */
  given(member: Member, ticket: string): KeyChange {
    return this.#change(member, ticket, () => {
      const key = this.#checked(member, ticket);
      // A new key is as good as an entry: who may not enter gets none.
      if (ticket !== member.privateMapKey.ticket) this.#requireWelcome(member);
      return key;
    });
  }

  /** Verifies the key that a member carries, so that `carried` takes no time in this second. */
  verifyAhead(member: Member): void {
    this.#verified.verify(member, this.context(member));
  }

  /** What the key that a member carries holds, checked again. @throws {ServiceError} `privateMapKey…`, `enterRoomDenied` */
  carried(member: Member): KeyChange {
    const { ticket } = member.privateMapKey;
    return this.#change(member, ticket, () => this.#checked(member, ticket));
  }

  /** Why `enforce` would put out a member whose observed key was good when it was taken; undefined: it would not. */
  observedRefusal(member: Member): ErrorName | undefined {
    const { held } = member.privateMapKey.observed ?? {};
    if (!held) return undefined;
    const context = this.context(member);
    const signed = context.application.keys.find(({ keyId }) => keyId === held.keyId);
    if (signed?.state === 'compromised') return 'keyCompromised';
    return revokedAs('privateMapKey', context, { issuedAt: held.issuedAt, room: this.where(member).room });
  }

  #change(member: Member, ticket: string | undefined, check: () => HeldKey): KeyChange {
    const { control } = this;
    if (control === 'off') return { privateMapKey: { ticket }, operands: {} };
    if (control === 'observe') return { privateMapKey: this.#observed(member, ticket, check), operands: {} };
    const held = check();
    const origin = { actor: userActor(member.userId), since: this.#context.clock.now() };
    const isSame = ticket === member.privateMapKey.ticket && member.privateMapKey.held !== undefined;
    const operands = {
      held: isSame ? member.operands.held : heldOperand(held, control, origin),
      lapsed: nothingTaken(origin.since),
    };
    return { privateMapKey: { ticket, held }, operands };
  }

  #observed(member: Member, ticket: string | undefined, check: () => HeldKey): CarriedKey {
    const observed = observedKey(check);
    if (observed.refusal) this.#observation.wouldRefuse(member, observed.refusal, ticket);
    const isKept =
      observed.refusal && ticket !== member.privateMapKey.ticket && member.privateMapKey.observed?.held;
    return isKept ? member.privateMapKey : { ticket, observed };
  }

  #checked(member: Member, ticket: string | undefined): HeldKey {
    const context = this.context(member);
    const key = this.#verified.key(member, ticket, context);
    refuseRevokedKey(key, context, this.#identity.ref);
    requireEntryBits(key.permissions, true);
    const before = member.privateMapKey.held ?? member.privateMapKey.observed?.held;
    if (before && key.issuedAt < before.issuedAt) throw new ServiceError('keyOlder');
    return key;
  }

  #requireWelcome(member: Member): void {
    const { restrictions } = this.#context;
    const where = this.where(member);
    if (restrictions.isBanned(where)) throw new ServiceError('banned');
    const says = 'An operator took away the permission to enter.';
    requireEntryBits(effective({ ...member.operands, denied: restrictions.denied(where) }), true, says);
  }
}
