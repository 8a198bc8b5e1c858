import { type ErrorName, type Params, type Result, ServiceError } from '@roomkey/protocol';
import {
  type Actor,
  explain,
  maySendAnything,
  type Operands,
  type Role,
  sameCleared,
  userActor,
} from '@roomkey/tickets/permissions';
import { authorityOperand, type CarriedKey, refusalOf, roleOperand } from '../../access/index.ts';
import type { Application, Decided } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { RoomMedia } from '../media/room-media.ts';
import type { Publications } from '../publications.ts';
import type { Observation } from '../record/observation.ts';
import { type PermissionChange, permissionChange } from '../record/permission-change.ts';
import { type RoomEvents, stayOf } from '../record/room-events.ts';
import type { RoomJournal } from '../record/room-journal.ts';
import type { Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import { slotDenied } from '../state/track.ts';
import type { Turns } from '../turns.ts';
import { KeyGrace } from './key-grace.ts';
import { isExpiredAt, KeyWatch } from './key-watch.ts';
import { MemberKeys } from './member-keys.ts';
import { SenderCap } from './sender-cap.ts';
import { StandingChecks, type Verdict } from './standing-checks.ts';

/** So many keys are verified in the turn that decides about their members. */
const FEW = 20;

type Answer = Result<'updatePrivateMapKey'>;

/** What is to change of a member, all at once. */
interface Change {
  readonly operands: Partial<Operands>;
  readonly role?: Role;
  /** Carried from then on. */
  readonly key?: CarriedKey | undefined;
}

/** A member whose permissions have changed, and from what to what. */
interface Changed {
  readonly member: Member;
  readonly was: Operands;
  readonly is: Operands;
}

/** What the changes of permissions in a room work with. */
interface Parts {
  readonly identity: RoomIdentity;
  readonly context: RoomContext;
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly publications: Publications;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly observation: Observation;
  readonly turns: Turns;
  /** Takes members out who did not ask for it. */
  readonly remove: (removals: ReadonlyMap<Member, Removal>) => void;
}

/** How the permissions of those who are inside change. Every method is called within a turn. */
export class PermissionChanges {
  readonly #parts: Parts;
  readonly #keys: MemberKeys;
  readonly #checks: StandingChecks;
  readonly #watch: KeyWatch;
  readonly #cap: SenderCap;
  readonly #grace: KeyGrace;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { identity, context, roster, observation, turns } = parts;
    const { clock, maxSendersPerRoom } = context;
    this.#keys = new MemberKeys(identity, context, observation);
    this.#checks = new StandingChecks(identity, context, this.#keys);
    this.#cap = new SenderCap(maxSendersPerRoom);
    this.#grace = new KeyGrace(clock, roster, (members) => {
      const decide = () => turns.post(() => this.#graceOver(members));
      const verified = this.verifyAhead(members);
      if (verified) verified.then(decide, context.fault);
      else decide();
    });
    this.#watch = new KeyWatch(clock, {
      warn: (member, expiresAt) => roster.tell(member, { method: 'keyWillExpire', params: { expiresAt } }),
      expiryTurned: (members) => void this.#expiryTurned(members).catch(context.fault),
    });
  }

  /** Somebody entered: whether one more may send is part of the answer. */
  entered(member: Member): void {
    for (const [waiting, capped] of this.#cap.settle([member], this.#now))
      waiting.operands = { ...waiting.operands, capped };
    this.#watch.watch(member);
  }

  /** Members left: those who waited to send may send now. */
  left(members: readonly Member[]): void {
    for (const member of members) {
      this.#grace.end(member);
      this.#watch.forget(member);
    }
    const freed = this.#cap.settle(members, this.#now);
    this.#applyAll(new Map([...freed].map(([member, capped]) => [member, { operands: { capped } }])));
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
    return this.#applied(member, this.#keys.given(member, privateMapKey));
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
      privateMapKey === undefined ? { operands: {} } : this.#keys.given(member, privateMapKey);
    const { held } = { ...member.operands, ...given.operands };
    const authority = authorityOperand(authBits, held.bits, this.#origin(member));
    this.#observeAuthority(member, given.key ?? member.key, authBits);
    const role = this.#roleFor(member, authority.bits);
    const isChecked = role === member.role || privateMapKey !== undefined;
    const change = isChecked ? given : this.#keyForRole(member, role, undefined);
    const operands = { ...change.operands, authority };
    return this.#applied(member, this.#withRole(member, { ...change, operands }, role));
  }

  /**
   * Verifies the keys that `applicationChanged` is going to check, over several turns of the event loop; undefined when
   * they are few. Called outside any turn of the room; nothing changes.
   */
  verifyAhead(members: Iterable<Member> = this.#parts.roster): Promise<void> | undefined {
    const { identity, context } = this.#parts;
    const application = identity.application();
    const looked = [...members].filter((member) => this.#checks.looksAtKey(member, application));
    return looked.length > FEW
      ? context.share.each(looked, (member) => this.#keys.verifyAhead(member))
      : undefined;
  }

  /** The application's keys, permission control or policies have changed. */
  applicationChanged(): void {
    // The newest one: of several changes, another may come first here.
    const application = this.#parts.identity.application();
    this.#settle(this.#parts.roster, (member) => this.#against(member, application));
  }

  /** Holds one member against all that holds now: keys, permission control, expiry, bans, revocations, denials. */
  recheck(member: Member): void {
    this.#settle([member], () => this.#against(member, this.#parts.identity.application()));
    if (member.inside) this.#settle([member], () => this.#checks.restrictions(member));
  }

  /** Says again what a client has to know that may have missed it: that its key expires, or that one is asked for. */
  remind(member: Member): void {
    this.#watch.warnAgain(member);
    this.#grace.remind(member);
  }

  /** What operators have taken away has changed: from some, or from everybody; `by` is who changed it just now, and why. */
  restrictionsChanged(userIds?: readonly string[], by?: Decided): void {
    const { roster } = this.#parts;
    const named = userIds?.flatMap((userId) => roster.find(userId) ?? []);
    named?.sort((one, other) => one.identity.entryNumber - other.identity.entryNumber);
    this.#settle(named ?? roster, (member) => this.#checks.restrictions(member), by);
  }

  #against(member: Member, application: Application): Verdict {
    return this.#checks.application(member, application, this.#grace.isAsked(member));
  }

  /** Makes verdicts about members, and carries them out together. */
  #settle(members: Iterable<Member>, judge: (member: Member) => Verdict, by?: Decided): void {
    const removals = new Map<Member, Removal>();
    const changes = new Map<Member, Change>();
    const required = new Map<Member, ErrorName>();
    for (const member of [...members]) {
      const { removal, operands, key, keyRequired, keyNotRequired, wouldRefuse } = judge(member);
      if (removal) {
        removals.set(member, removal);
        continue;
      }
      if (keyNotRequired) this.#grace.end(member);
      if (operands) changes.set(member, { operands, key });
      else if (key) this.#carry(member, key);
      if (wouldRefuse) this.#parts.observation.wouldRefuse(member, wouldRefuse);
      if (keyRequired) required.set(member, keyRequired);
    }
    this.#parts.remove(removals);
    this.#applyAll(changes, { by, isAnswered: by !== undefined });
    const { graceSeconds } = this.#parts.identity.application();
    for (const [member, cause] of required) this.#grace.begin(member, cause, graceSeconds);
  }

  #graceOver(members: readonly Member[]): void {
    this.#settle(members, (member) => {
      const { keyRequired: cause, ...verdict } = this.#checks.enforced(member);
      return cause ? { removal: { reason: 'ticket', cause } } : verdict;
    });
  }

  async #expiryTurned(members: readonly Member[]): Promise<void> {
    const { context, turns, journal } = this.#parts;
    const done = context.changeTimer('expiry');
    await turns.decide(() => {
      const inside = members.filter((member) => member.inside);
      const before = new Map(inside.map((member) => [member, member.operands]));
      this.#settle(inside, (member) => this.#checks.expiry(member));
      // Where the key may be used on, nothing changes; it is on record all the same.
      for (const member of inside)
        if (member.inside && member.operands === before.get(member) && isExpiredAt(member, this.#now))
          journal.expired(member);
    });
    done();
  }

  #keyForRole(member: Member, role: Role, privateMapKey: string | undefined): Change {
    if (privateMapKey !== undefined) return this.#keys.given(member, privateMapKey);
    if (role === 'audience') return { operands: {} };
    try {
      return this.#keys.carried(member);
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
    const asked = { ...was, denied: this.#checks.denied(member), ...change.operands };
    this.#parts.journal.requireRoomFor(member.userId, was, asked);
    this.#applyAll(new Map([[member, change]]), { isAnswered: true });
    const { role: after } = member;
    if (after !== before) this.#parts.events.tell({ kind: 'roleChanged', ...stayOf(member), before, after });
    return { explanation: explain(member.operands) };
  }

  #carry(member: Member, key: CarriedKey): void {
    const before = member.key.observed?.held;
    member.key = key;
    if (key.observed?.held && key.observed.held !== before) this.#parts.observation.tellLacking(member);
    if (key.held) this.#grace.end(member);
    this.#watch.watch(member);
  }

  /**
   * Makes changes the state of their members: nothing that is taken can be used from now on. Their records, what closes,
   * what opens, and what members are told follow in this order, for many in later turns of the event loop. `by` is who
   * decided it; the turn waits for the records of what an answered change grants.
   */
  #applyAll(
    changes: ReadonlyMap<Member, Change>,
    { by, isAnswered = false }: { readonly by?: Decided | undefined; readonly isAnswered?: boolean } = {},
  ): void {
    if (changes.size === 0) return;
    const { media, roster, turns } = this.#parts;
    const before = new Map<Member, Operands>();
    for (const [member, { operands, role = member.role, key }] of changes) {
      member.writeRecord();
      before.set(member, member.operands);
      member.role = role;
      if (key) this.#carry(member, key);
      const { denied = this.#checks.denied(member) } = operands;
      member.operands = { ...member.operands, ...operands, denied };
      member.version++;
    }
    for (const [member, capped] of this.#cap.settle([...changes.keys()], this.#now)) {
      member.writeRecord();
      if (!before.has(member)) before.set(member, member.operands);
      member.operands = { ...member.operands, capped };
      member.version++;
    }
    const changed = [...before].map(([member, was]) => ({ member, was, is: member.operands }));
    const told = this.#recordLater(changed, by, ({ member }) => isAnswered && changes.has(member));
    media.follow([...before.keys()], turns.now);
    this.#closeTracks(before.keys());
    for (const member of changes.keys()) roster.show(member);
    media.afterwards(changed, (one) => this.#tell(one, told.get(one.member)));
  }

  /** Puts off the records of changes. Returns the map in which each stands when it is written. */
  #recordLater(
    changed: readonly Changed[],
    by: Decided | undefined,
    isAwaited: (one: Changed) => boolean,
  ): Map<Member, PermissionChange> {
    const written = new Map<Member, PermissionChange>();
    const { journal, turns } = this.#parts;
    const { now: turn } = turns;
    const at = this.#now;
    for (const one of changed) {
      const { member, was, is } = one;
      member.recordLater(() => {
        const change = permissionChange(was, is, by);
        if (!change) return;
        written.set(member, change);
        const recording = journal.changed(member, change, at);
        if (isAwaited(one)) turn.grants.push(recording);
      });
    }
    return written;
  }

  /** Ends the tracks whose permission is gone. */
  #closeTracks(members: Iterable<Member>): void {
    const closed = [...members].flatMap((member) =>
      [...member.tracks.values()].flatMap((track) => {
        const { slot } = track;
        if (member.may('send', slot)) return [];
        return { member, track, cause: slotDenied('send', slot, member.effective).code };
      }),
    );
    this.#parts.publications.close(closed);
  }

  /** Tells what has changed, and the member what has changed for it, behind what closes. */
  #tell({ member, was, is }: Changed, change: PermissionChange | undefined): void {
    if (!change) return;
    const { events, roster } = this.#parts;
    const { operands: _, ...told } = change;
    events.tell({ kind: 'permissionsChanged', ...stayOf(member), ...told });
    if (sameCleared(was, is)) return;
    const params = { before: change.before, after: change.after, explanation: explain(is) };
    roster.tell(member, { method: 'permissionChanged', params });
  }

  #origin({ userId }: Member): { actor: Actor; since: number } {
    return { actor: userActor(userId), since: this.#now };
  }

  get #now(): number {
    return this.#parts.context.clock.now();
  }
}
