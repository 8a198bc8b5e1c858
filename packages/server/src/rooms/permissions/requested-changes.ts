import { type Params, type Result, ServiceError } from '@roomkey/protocol';
import { type Actor, explain, maySendAnything, type Role, userActor } from '@roomkey/tickets/permissions';
import { authorityOperand, type CarriedKey, refusalOf, roleOperand } from '../../access/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { RoomIdentity } from '../context.ts';
import type { Observation } from '../record/observation.ts';
import { type RoomEvents, stayOf } from '../record/room-events.ts';
import type { RoomJournal } from '../record/room-journal.ts';
import type { Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { AppliedChanges, Change } from './applied-changes.ts';
import type { MemberKeys } from './member-keys.ts';
import type { StandingChecks } from './standing-checks.ts';

/** The answer to every request that changes permissions. */
type Answer = Result<'updatePrivateMapKey'>;

/** What requests work with. */
interface Parts {
  readonly identity: RoomIdentity;
  readonly clock: Clock;
  readonly keys: MemberKeys;
  readonly checks: StandingChecks;
  readonly applied: AppliedChanges;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly observation: Observation;
  /** Takes members out who did not ask for it. */
  readonly remove: (removals: ReadonlyMap<Member, Removal>) => void;
}

/** Changes of permissions that members ask for. Every method is called within a turn. */
export class RequestedChanges {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Takes a new key in the place of the one that the member carries.
   *
   * @throws {ServiceError} `privateMapKey…`, `enterRoomDenied`; the old key stays then
   */
  updatePrivateMapKey(member: Member, { privateMapKey }: Params<'updatePrivateMapKey'>): Answer {
    return this.#applied(member, this.#parts.keys.given(member, privateMapKey));
  }

  /**
   * Changes the role. As an anchor the key that the member carries is checked again, unless a new one comes with the call.
   *
   * @throws {ServiceError} of the key; with a stale old one the member is out, where the application says so
   */
  switchRole(member: Member, { role, privateMapKey }: Params<'switchRole'>): Answer {
    const change = this.#keyForRole(member, role, privateMapKey);
    return this.#applied(member, this.#withRole(member, change, role));
  }

  /**
   * Replaces what the member asks for of what it holds; in scene `live` the role follows.
   *
   * @throws {ServiceError} `authBitsIllegal`, `authBitsBeyondHeld`, and those of {@link switchRole}
   */
  changeAuthority(member: Member, { authBits, privateMapKey }: Params<'changeAuthority'>): Answer {
    const given: Change =
      privateMapKey === undefined ? { operands: {} } : this.#parts.keys.given(member, privateMapKey);
    const { held } = { ...member.operands, ...given.operands };
    const authority = authorityOperand(authBits, held.bits, this.#origin(member));
    this.#observeAuthority(member, given.privateMapKey ?? member.privateMapKey, authBits);
    const role = this.#roleFor(member, authority.bits);
    const isChecked = role === member.role || privateMapKey !== undefined;
    const change = isChecked ? given : this.#keyForRole(member, role, undefined);
    const operands = { ...change.operands, authority };
    return this.#applied(member, this.#withRole(member, { ...change, operands }, role));
  }

  #keyForRole(member: Member, role: Role, privateMapKey: string | undefined): Change {
    if (privateMapKey !== undefined) return this.#parts.keys.given(member, privateMapKey);
    if (role === 'audience') return { operands: {} };
    try {
      return this.#parts.keys.carried(member);
    } catch (error) {
      const { staleKeyPolicy } = this.#parts.identity.application();
      if (error instanceof ServiceError && staleKeyPolicy === 'remove')
        this.#parts.remove(new Map([[member, { reason: 'ticket', cause: error.code }]]));
      throw error;
    }
  }

  /** Tells of bits that `enforce` would not let a member ask for. */
  #observeAuthority(member: Member, { observed }: CarriedKey, authBits: number | string): void {
    if (!observed?.held) return;
    const { permissions } = observed.held;
    const refusal = refusalOf(() => authorityOperand(authBits, permissions, this.#origin(member)));
    if (refusal) this.#parts.observation.wouldRefuse(member, refusal);
  }

  #withRole(member: Member, change: Change, role: Role): Change {
    if (role === member.role) return change;
    const operand = roleOperand(member.identity.scene, role, this.#origin(member));
    return { ...change, role, operands: { ...change.operands, role: operand } };
  }

  #roleFor(member: Member, asked: number): Role {
    if (member.identity.scene === 'rtc') return member.role;
    return maySendAnything(asked) ? 'anchor' : 'audience';
  }

  /** Applies what a member has asked for. @throws {ServiceError} `journalUnavailable`, `tooManyChanges`; nothing has changed then */
  #applied(member: Member, change: Change): Answer {
    const { role: before, operands: was } = member;
    const asked = { ...was, denied: this.#parts.checks.denied(member), ...change.operands };
    this.#parts.journal.requireRoomFor(member.userId, was, asked);
    this.#parts.applied.apply(new Map([[member, change]]), { isAnswered: true });
    const { role: after } = member;
    if (after !== before) this.#parts.events.tell({ kind: 'roleChanged', ...stayOf(member), before, after });
    return { explanation: explain(member.operands) };
  }

  #origin({ userId }: Member): { actor: Actor; since: number } {
    return { actor: userActor(userId), since: this.#parts.clock.now() };
  }
}
