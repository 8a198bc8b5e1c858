import type { ErrorName } from '@roomkey/protocol';
import type { CarriedKey } from '../../access/index.ts';
import type { Application, Decided } from '../../ports/index.ts';
import type { RoomContext, RoomIdentity } from '../context.ts';
import type { RoomMedia } from '../media/room-media.ts';
import type { Publications } from '../publications.ts';
import type { Observation } from '../record/observation.ts';
import type { RoomEvents } from '../record/room-events.ts';
import type { RoomJournal } from '../record/room-journal.ts';
import type { Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import type { Turns } from '../turns.ts';
import { AppliedChanges, type Change } from './applied-changes.ts';
import { KeyGrace } from './key-grace.ts';
import { isExpiredAt, KeyWatch } from './key-watch.ts';
import { MemberKeys } from './member-keys.ts';
import { RequestedChanges } from './requested-changes.ts';
import { SenderCap } from './sender-cap.ts';
import { StandingChecks, type Verdict } from './standing-checks.ts';

/** So many keys are verified in the turn that decides about their members. */
const FEW = 20;

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
  /** What members ask for. */
  readonly requested: RequestedChanges;
  readonly #parts: Parts;
  readonly #applied: AppliedChanges;
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
    const checked = { ...parts, clock, checks: this.#checks };
    const carry = (member: Member, key: CarriedKey) => this.#carry(member, key);
    this.#applied = new AppliedChanges({ ...checked, cap: this.#cap, carry });
    this.requested = new RequestedChanges({ ...checked, keys: this.#keys, applied: this.#applied });
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
    this.#applied.apply(new Map([...freed].map(([member, capped]) => [member, { operands: { capped } }])));
  }

  close(): void {
    this.#watch.close();
    this.#grace.close();
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
      // Who was to be judged may have left before this turn.
      if (!member.inside) continue;
      const { removal, operands, privateMapKey, keyRequired, keyNotRequired, wouldRefuse } = judge(member);
      if (removal) {
        removals.set(member, removal);
        continue;
      }
      if (keyNotRequired) this.#grace.end(member);
      if (operands) changes.set(member, { operands, privateMapKey });
      else if (privateMapKey) this.#carry(member, privateMapKey);
      if (wouldRefuse) this.#parts.observation.wouldRefuse(member, wouldRefuse);
      if (keyRequired) required.set(member, keyRequired);
    }
    this.#parts.remove(removals);
    this.#applied.apply(changes, { by, isAnswered: by !== undefined });
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

  #carry(member: Member, key: CarriedKey): void {
    const before = member.privateMapKey.observed?.held;
    member.privateMapKey = key;
    if (key.observed?.held && key.observed.held !== before) this.#parts.observation.tellLacking(member);
    if (key.held) this.#grace.end(member);
    this.#watch.watch(member);
  }

  get #now(): number {
    return this.#parts.context.clock.now();
  }
}
