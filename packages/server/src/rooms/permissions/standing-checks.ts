import type { ErrorName } from '@roomkey/protocol';
import { nothingTaken, type Operand, type Operands, operatorActor } from '@roomkey/tickets/permissions';
import {
  type CarriedKey,
  controlOf,
  heldOperand,
  lapsedOperand,
  refusalOf,
  revokedAs,
  sameOperand,
} from '../../access/index.ts';
import type { Application } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import { isExpiredAt } from './key-watch.ts';
import type { KeyChange, MemberKeys } from './member-keys.ts';

/** What comes of holding a member against what holds now; an empty one: everything stays. */
export interface Verdict {
  /** The member is out. Nothing else counts then. */
  readonly removal?: Removal;
  readonly operands?: Partial<Operands>;
  /** Carried from then on. */
  readonly privateMapKey?: CarriedKey;
  /** The member has no good key, for this reason, and may stay for the grace of the application. */
  readonly keyRequired?: ErrorName;
  /** The member is not asked for a key any more. */
  readonly keyNotRequired?: true;
  /** `enforce` would put the member out, for this reason. */
  readonly wouldRefuse?: ErrorName;
}

/** Holds those who are inside against what holds now: keys, permission control, expiry, bans, revocations, denials. Changes nobody. */
export class StandingChecks {
  readonly #identity: RoomIdentity;
  readonly #context: Pick<RoomContext, 'clock' | 'restrictions'>;
  readonly #keys: MemberKeys;

  constructor(
    identity: RoomIdentity,
    context: Pick<RoomContext, 'clock' | 'restrictions'>,
    keys: MemberKeys,
  ) {
    this.#identity = identity;
    this.#context = context;
    this.#keys = keys;
  }

  /** Whether `application` is going to check the key that a member carries. */
  looksAtKey({ privateMapKey }: Member, application: Application): boolean {
    const control = controlOf(application, this.#identity.ref);
    return control !== 'off' && !privateMapKey.held && !(control === 'observe' && privateMapKey.observed);
  }

  /** Against the keys, permission control and policies of the application. `asked`: the member was asked for a key. */
  application(member: Member, application: Application, asked: boolean): Verdict {
    const { keyId } = member.identity.userSig;
    const { keyId: keyOfKey = keyId } = member.privateMapKey.held ?? {};
    const signed = application.keys.filter((key) => key.keyId === keyId || key.keyId === keyOfKey);
    if (signed.some(({ state }) => state === 'compromised')) return out('keyCompromised');
    const control = controlOf(application, this.#identity.ref);
    if (control === 'enforce') return member.privateMapKey.held ? this.expiry(member) : this.enforced(member);
    const since = this.#context.clock.now();
    const held = heldOperand(undefined, control, { actor: operatorActor(), since });
    if (held.cause === member.operands.held.cause && !asked)
      return control === 'observe' ? this.#observed(member) : {};
    const { privateMapKey } = this.#keys.carried(member);
    return { privateMapKey, operands: { held, lapsed: nothingTaken(since) }, keyNotRequired: true };
  }

  /** Against permission control that enforces, for a member whose key has not passed its check. */
  enforced(member: Member): Verdict {
    let change: KeyChange | undefined;
    const refusal = refusalOf(() => {
      change = this.#keys.carried(member);
    });
    if (refusal) return { privateMapKey: { ticket: member.privateMapKey.ticket }, keyRequired: refusal };
    return change ?? {};
  }

  /** Against the expiry of the key that the member carries, and what the application says of it. */
  expiry(member: Member): Verdict {
    const { clock } = this.#context;
    const { expiryPolicy } = this.#identity.application();
    const isExpired = isExpiredAt(member, clock.now());
    if (isExpired && expiryPolicy === 'remove') return out('privateMapKeyExpired');
    const since = clock.now();
    const lapsed = isExpired && expiryPolicy === 'demote' ? lapsedOperand(since) : nothingTaken(since);
    return lapsed.cause === member.operands.lapsed.cause ? {} : { operands: { lapsed } };
  }

  /** Against what operators have taken away. */
  restrictions(member: Member): Verdict {
    const removal = this.#removal(member);
    if (removal) return { removal };
    const denied = this.denied(member);
    return {
      ...this.#observed(member),
      ...(denied !== member.operands.denied && { operands: { denied } }),
    };
  }

  /** What operators have taken by now: of what they changed, the turn that says so may still be to come. */
  denied(member: Member): Operand {
    const denied = this.#context.restrictions.denied(this.#keys.where(member));
    return sameOperand(denied, member.operands.denied) ? member.operands.denied : denied;
  }

  /** Against what `enforce` would make of a key that was good when it was taken. */
  #observed(member: Member): Verdict {
    const refusal = this.#keys.observedRefusal(member);
    if (!refusal) return {};
    return {
      privateMapKey: { ticket: member.privateMapKey.ticket, observed: { refusal } },
      wouldRefuse: refusal,
    };
  }

  #removal(member: Member): Removal | undefined {
    const where = this.#keys.where(member);
    if (this.#context.restrictions.isBanned(where)) return { reason: 'banned', cause: 'banned' };
    const { userSig } = member.identity;
    const { held } = member.privateMapKey;
    const context = this.#keys.context(member);
    const cause =
      revokedAs('userSig', context, { issuedAt: userSig.issuedAt }) ??
      (held && revokedAs('privateMapKey', context, { issuedAt: held.issuedAt, room: where.room }));
    return cause && { reason: 'revoked', cause };
  }
}

const out = (cause: ErrorName): Verdict => ({ removal: { reason: 'ticket', cause } });
