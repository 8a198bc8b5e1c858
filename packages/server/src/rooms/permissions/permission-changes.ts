import { type ErrorName, type Params, type Result, ServiceError } from '@roomkey/protocol';
import {
  effective,
  explain,
  maySendAnything,
  nothingTaken,
  type Operand,
  type Operands,
  type Role,
  sameCleared,
} from '@roomkey/tickets/permissions';
import type { CarriedKey } from '../../access/index.ts';
import {
  authorityOperand,
  controlOf,
  heldOperand,
  lapsedOperand,
  refusalOf,
  revokedAs,
  roleOperand,
  sameOperand,
} from '../../access/index.ts';
import type { Application, Decided } from '../../ports/index.ts';
import { type Recording, recorded } from '../../ports/index.ts';
import type { Removal, Room } from '../room.ts';
import type { Member } from '../state/member.ts';
import { slotDenied, type Track } from '../state/track.ts';
import { KeyGrace } from './key-grace.ts';
import { KeyWatch } from './key-watch.ts';
import { MemberKeys } from './member-keys.ts';
import { SenderCap } from './sender-cap.ts';

type Answer = Promise<Result<'updatePrivateMapKey'>>;

/** What is to change of a member, all at once. */
interface Change {
  readonly operands: Partial<Operands>;
  readonly role?: Role;
  /** Carried from then on. */
  readonly key?: CarriedKey;
}

/** How the permissions of those who are inside change. Every method but `answer` is a mailbox job. */
export class PermissionChanges {
  readonly #room: Room;
  readonly #keys: MemberKeys;
  readonly #watch: KeyWatch;
  readonly #places: SenderCap;
  readonly #grace: KeyGrace;

  constructor(room: Room) {
    this.#room = room;
    const { clock, maxSendersPerRoom } = room.context;
    this.#keys = new MemberKeys(room);
    this.#places = new SenderCap(maxSendersPerRoom);
    this.#grace = new KeyGrace(clock, (members) => void room.mailbox.run(() => this.#graceOver(members)));
    this.#watch = new KeyWatch(clock, () => room.members, {
      warn: (member, expiresAt) => member.link.notify({ method: 'keyWillExpire', params: { expiresAt } }),
      expiryTurned: (member) => void this.#expiryTurned(member),
    });
  }

  /** Somebody entered: whether there is a place for one more who sends is part of the answer. */
  entered(member: Member): void {
    for (const [waiting, capped] of this.#places.settle([member], this.#now))
      waiting.operands = { ...waiting.operands, capped };
    this.#watch.watch(member);
  }

  /** Members left: those who waited to send may take their places. */
  left(members: readonly Member[]): void {
    for (const member of members) this.#grace.end(member);
    const changes = this.#places.settle(members, this.#now);
    if (changes.size > 0)
      this.#applyAll(new Map([...changes].map(([member, capped]) => [member, { capped }])));
  }

  close(): void {
    this.#watch.close();
    this.#grace.close();
  }

  /**
   * Takes a new key in the place of the one that the member carries.
   *
   * @throws {ServiceError} `privateMapKey…`, `enterRoomDenied`; the old key stays then
   */
  updatePrivateMapKey(member: Member, { privateMapKey }: Params<'updatePrivateMapKey'>): Answer {
    return this.#answer(member, this.#apply(member, this.#keys.given(member, privateMapKey)));
  }

  /**
   * Changes the role. As an anchor the key that the member carries is checked again, unless a new one comes with the call.
   *
   * @throws {ServiceError} of the key; with a stale old one the member is out, where the application says so
   */
  switchRole(member: Member, { role, privateMapKey }: Params<'switchRole'>): Answer {
    const change = this.#keyForRole(member, role, privateMapKey);
    return this.#answer(member, this.#apply(member, this.#withRole(member, change, role)));
  }

  /**
   * Replaces what the member asks for of what it holds; in scene `live` the role follows.
   *
   * @throws {ServiceError} `authBitsIllegal`, `authBitsBeyondHeld`, and those of {@link switchRole}
   */
  changeAuthority(member: Member, { authBits, privateMapKey }: Params<'changeAuthority'>): Answer {
    const given: Change =
      privateMapKey === undefined ? { operands: {} } : this.#keys.given(member, privateMapKey);
    const { held } = { ...member.operands, ...given.operands };
    const authority = authorityOperand(authBits, held.bits, this.#origin(member));
    this.#observeAuthority(member, given.key ?? member.key, authBits);
    const role = this.#roleFor(member, authority.bits);
    const isChecked = role === member.role || privateMapKey !== undefined;
    const change = isChecked ? given : this.#keyForRole(member, role, undefined);
    const operands = { ...change.operands, authority };
    return this.#answer(member, this.#apply(member, this.#withRole(member, { ...change, operands }, role)));
  }

  /** The application's keys, permission control or policies have changed. */
  applicationChanged(application: Application): void {
    for (const member of this.#room.members) this.#applyApplication(member, application);
    this.#watch.again();
  }

  /** Holds one member against all that holds now: keys, permission control, expiry, bans, revocations, denials. */
  recheck(member: Member): void {
    this.#applyApplication(member, this.#room.application());
    if (member.inside) this.restrictionsChanged([member.userId]);
  }

  /** Says again what a client has to know that may have missed it: that its key expires, or that one is asked for. */
  remind(member: Member): void {
    this.#watch.warnAgain(member);
    this.#grace.remind(member);
  }

  /**
   * What operators have taken away has changed: from some, or from everybody; `by` is who changed it just now, and why.
   * Returns the records of what it gives back.
   */
  restrictionsChanged(userIds?: readonly string[], by?: Decided): Recording[] {
    const removals = new Map<Member, Removal>();
    const changes = new Map<Member, Partial<Operands>>();
    const concerned = userIds?.flatMap((userId) => this.#room.find(userId) ?? []) ?? this.#room.members;
    for (const member of concerned) {
      const removal = this.#removalOf(member);
      const denied = this.#deniedNow(member);
      if (removal) {
        removals.set(member, removal);
        continue;
      }
      this.#observeVoided(member);
      if (denied !== member.operands.denied) changes.set(member, { denied });
    }
    this.#room.removeAll(removals);
    return [...this.#applyAll(changes, by).values()];
  }

  /** What operators have taken by now: of what they changed, the turn that says so may still be to come. */
  #deniedNow(member: Member): Operand {
    const denied = this.#room.context.restrictions.denied(this.#keys.where(member));
    return sameOperand(denied, member.operands.denied) ? member.operands.denied : denied;
  }

  #removalOf(member: Member): Removal | undefined {
    const { restrictions } = this.#room.context;
    const where = this.#keys.where(member);
    if (restrictions.isBanned(where)) return { reason: 'banned', cause: 'banned' };
    const { userSig } = member.identity;
    const { held } = member.key;
    const context = this.#keys.context(member);
    const cause =
      revokedAs('userSig', context, { issuedAt: userSig.issuedAt }) ??
      (held && revokedAs('privateMapKey', context, { issuedAt: held.issuedAt, room: where.room }));
    return cause && { reason: 'revoked', cause };
  }

  #applyApplication(member: Member, application: Application): void {
    const { keyId } = member.identity.userSig;
    const { keyId: keyOfKey = keyId } = member.key.held ?? {};
    const signed = application.keys.filter((key) => key.keyId === keyId || key.keyId === keyOfKey);
    if (signed.some(({ state }) => state === 'compromised')) this.#remove(member, 'keyCompromised');
    else this.#applyControl(member, application);
  }

  #applyControl(member: Member, application: Application): void {
    const control = controlOf(application, this.#room.ref);
    const origin = { actor: 'operator', since: this.#now };
    if (control !== 'enforce') {
      const wasAsked = this.#grace.end(member);
      this.#observeVoided(member);
      const held = heldOperand(undefined, control, origin);
      if (held.cause === member.operands.held.cause && !wasAsked) return;
      const { key } = this.#keys.carried(member);
      this.#apply(member, { key, operands: { held, lapsed: nothingTaken(this.#now) } });
      return;
    }
    if (member.key.held) {
      this.#followExpiry(member);
      return;
    }
    const refusal = this.#tryCarriedKey(member);
    if (!refusal) return;
    this.#carry(member, { ticket: member.key.ticket });
    this.#grace.begin(member, refusal, application.graceSeconds);
  }

  #graceOver(members: readonly Member[]): void {
    for (const member of members) {
      const refusal = this.#tryCarriedKey(member);
      if (refusal) this.#remove(member, refusal);
    }
  }

  /** Nobody waits for an answer; a worker that does not do it in time is ended all the same. */
  async #expiryTurned(member: Member): Promise<void> {
    const done = this.#room.context.changeTimer('expiry');
    const { place } = member;
    await this.#room.mailbox.run(() => {
      const { operands } = member;
      this.#followExpiry(member);
      // Where the key may be used on, nothing changes; it is on record all the same.
      const isKept = member.inside && member.operands === operands && this.#watch.isExpired(member);
      if (isKept) this.#room.journal.expired(member);
    });
    await this.#room.confirmClosed([place], [member]);
    done();
  }

  /** Applies the key that a member carries, or says why it is not good. */
  #tryCarriedKey(member: Member): ErrorName | undefined {
    return refusalOf(() => this.#apply(member, this.#keys.carried(member)));
  }

  /** Does what the application says of an expired key, and undoes it for one that is good. */
  #followExpiry(member: Member): void {
    if (!member.inside) return;
    const isExpired = this.#watch.isExpired(member);
    const { expiryPolicy } = this.#room.application();
    if (isExpired && expiryPolicy === 'remove') {
      this.#remove(member, 'privateMapKeyExpired');
      return;
    }
    const lapsed =
      isExpired && expiryPolicy === 'demote' ? lapsedOperand(this.#now) : nothingTaken(this.#now);
    if (lapsed.cause !== member.operands.lapsed.cause) this.#apply(member, { operands: { lapsed } });
  }

  #keyForRole(member: Member, role: Role, privateMapKey: string | undefined): Change {
    if (privateMapKey !== undefined) return this.#keys.given(member, privateMapKey);
    if (role === 'audience') return { operands: {} };
    try {
      return this.#keys.carried(member);
    } catch (error) {
      const { staleKeyPolicy } = this.#room.application();
      if (error instanceof ServiceError && staleKeyPolicy === 'remove') this.#remove(member, error.code);
      throw error;
    }
  }

  /** Tells of bits that `enforce` would not let a member ask for. */
  #observeAuthority(member: Member, { observed }: CarriedKey, authBits: number | string): void {
    if (!observed?.held) return;
    const { permissions } = observed.held;
    const refusal = refusalOf(() => authorityOperand(authBits, permissions, this.#origin(member)));
    if (refusal) this.#room.wouldRefuse(member, refusal);
  }

  /** Tells of a member whom `enforce` would put out by now. */
  #observeVoided(member: Member): void {
    const refusal = this.#keys.voided(member);
    if (!refusal) return;
    this.#carry(member, { ticket: member.key.ticket, observed: { refusal } });
    this.#room.wouldRefuse(member, refusal);
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

  /**
   * Makes a change the member's state, lets its media follow, closings first, and tells who is concerned.
   * Returns the record of what it gives.
   */
  #apply(member: Member, { operands, role = member.role, key }: Change): Recording | undefined {
    const wasVisible = member.visible;
    member.role = role;
    if (key) this.#carry(member, key);
    const recordings = this.#applyAll(new Map([[member, operands]]));
    this.#tellVisibility(member, wasVisible);
    return recordings.get(member);
  }

  #carry(member: Member, key: CarriedKey): void {
    const before = member.key.observed?.held;
    member.key = key;
    if (key.observed?.held && key.observed.held !== before) this.#room.tellLacking(member);
    if (key.held) this.#grace.end(member);
    this.#watch.watch(member);
  }

  /** The same for several members at once. */
  #applyAll(changes: ReadonlyMap<Member, Partial<Operands>>, by?: Decided): Map<Member, Recording> {
    const before = new Map([...changes.keys()].map((member) => [member, member.operands]));
    for (const [member, operands] of changes) {
      member.operands = { ...member.operands, denied: this.#deniedNow(member), ...operands };
      member.version++;
    }
    for (const [member, capped] of this.#places.settle([...changes.keys()], this.#now)) {
      if (!before.has(member)) before.set(member, member.operands);
      member.operands = { ...member.operands, capped };
      member.version++;
    }
    const recordings = new Map<Member, Recording>();
    for (const [member, was] of before) {
      const recording = this.#room.journal.changed(member, was, by);
      if (recording && changes.has(member)) recordings.set(member, recording);
    }
    this.#room.reconcileEach(before.keys());
    const closed = [...before.keys()].flatMap((member) => {
      const tracks = [...member.tracks.values()].filter(({ slot }) => !member.may('send', slot));
      const cause = ({ slot }: Track) => slotDenied('send', slot, member.effective).code;
      return tracks.map((track) => ({ member, track, cause: cause(track) }));
    });
    this.#room.publications.close(closed);
    const told = [...before].flatMap(([member, was]) => {
      const { effective: after, operands } = member;
      if (sameCleared(was, operands)) return [];
      return { member, params: { before: effective(was), after, explanation: explain(operands) } };
    });
    this.#room.batches.eachBehind(told, (slice) => {
      for (const { member, params } of slice) member.link.notify({ method: 'permissionChanged', params });
    });
    return recordings;
  }

  /** In scene `live` others see anchors only. */
  #tellVisibility(member: Member, wasVisible: boolean): void {
    if (member.visible === wasVisible) return;
    const { userId } = member;
    if (member.visible)
      this.#room.broadcast({ method: 'memberEntered', params: { member: member.wire() } }, member);
    else this.#room.broadcast({ method: 'memberLeft', params: { userId, reason: 'roleChanged' } }, member);
  }

  /** The answer waits until the media engine has done what was closed, and what was given is on record. */
  async #answer(member: Member, recording: Recording | undefined): Answer {
    const explanation = explain(member.operands);
    await this.#room.confirmClosed([member.place], [member]);
    await recorded([recording]);
    return { explanation };
  }

  #remove(member: Member, cause: ErrorName): void {
    this.#room.remove(member, { reason: 'ticket', cause });
  }

  #origin({ userId }: Member): { actor: string; since: number } {
    return { actor: userId, since: this.#now };
  }

  get #now(): number {
    return this.#room.context.clock.now();
  }
}
