/**
 * What a room does with its members, written from the rules and not from the code: names instead of bits, one list of
 * places, no media, no promises. Changes happen one after another, each to its end.
 *
 * @module
 */
import type { Slot } from '@roomkey/tickets/permissions';
import { hold, observe, take } from './model-carried-keys.fixture.ts';
import { deniedTo, isSignedByThieves, isVoid, refusalOf, secretKeyState } from './model-keys.fixture.ts';
import { remove, settle } from './model-leaving.fixture.ts';
import { names, namesOf, sending } from './model-permissions.fixture.ts';
import { can, may } from './model-rights.fixture.ts';
import { copyOf, copyOfState, type ModelMember, type ModelState } from './model-state.fixture.ts';
import type { ModelChange, ModelKey, Whom } from './race-changes.fixture.ts';

/** Somebody who is seen, and what is seen of the tracks. */
export const seenOf = (user: string, sent: Iterable<Slot>): string[] => [
  user,
  ...[...sent].map((slot) => `${user} ${slot}`),
];

/** A room of scene `live` in which everybody wishes to receive everything. */
export class RoomModel {
  readonly #state: ModelState;

  constructor(state: ModelState) {
    this.#state = state;
  }

  copy(): RoomModel {
    return new RoomModel(copyOfState(this.#state));
  }

  /** The same text for the same state, as far as anybody can see it. */
  get fingerprint(): string {
    return JSON.stringify(this.#state, (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
  }

  /** Those whom everybody inside sees, with what they send; while no media is lost. */
  get seen(): string[] {
    const visible = [...this.#state.members].filter(([, { role }]) => role === 'anchor');
    return visible.flatMap(([user, { tracks }]) => seenOf(user, tracks.keys())).sort();
  }

  /** Who was told to be out, and why, by connection. */
  get sentOff(): string[] {
    return [...this.#state.sentOff].map(([connection, reason]) => `${connection} ${reason}`).sort();
  }

  /** Who was asked for a key and has not given one. */
  get asked(): string[] {
    return [...this.#state.members].flatMap(([user, { graceUntil }]) => (graceUntil ? [user] : []));
  }

  /** Who is inside, with which permissions. */
  get inside(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.#state.members.keys()].sort().map((user) => [user, may(this.#state, user)]),
    );
  }

  /** What flows into the room, and out of it, as lines; while no media is lost. */
  get media(): string[] {
    const lines: string[] = [];
    for (const [from, { tracks }] of this.#state.members) {
      for (const slot of tracks.keys()) {
        lines.push(`${from} sends ${slot}`);
        for (const [to, { refused }] of this.#state.members)
          if (to !== from && can(this.#state, to, 'recv', slot) && !refused.has(`${from} ${slot}`))
            lines.push(`${to} receives ${slot} of ${from}`);
      }
    }
    return lines.sort();
  }

  /** Whether a member may use a slot now. */
  allows(user: string, direction: 'send' | 'recv', slot: Slot): boolean {
    return this.#state.members.has(user) && can(this.#state, user, direction, slot);
  }

  /** Lost media has come back, as far as it is allowed. */
  recover(): void {
    for (const { tracks, unopened } of this.#state.members.values()) {
      for (const slot of tracks.keys()) tracks.set(slot, undefined);
      unopened.clear();
    }
  }

  /** Tells which tracks the media plane has opened: the others nobody knows of yet. */
  opened(isOpen: (user: string, slot: Slot) => boolean): void {
    for (const [user, { tracks, unopened }] of this.#state.members) {
      unopened.clear();
      for (const [slot, until] of tracks) if (until === undefined && !isOpen(user, slot)) unopened.add(slot);
    }
  }

  /** Makes one change to its end. What is refused changes nothing. */
  apply(change: ModelChange): void {
    const state = this.#state;
    const { user } = change;
    const member = state.members.get(user);
    switch (change.what) {
      case 'enter':
        this.#enter(change);
        break;
      case 'unrecorded':
        if (member?.entry === change.as) remove(this.#state, [user]);
        break;
      case 'kick':
        remove(this.#state, [user, ...(change.also ?? [])], 'kicked');
        break;
      case 'dismiss':
        remove(this.#state, [...state.members.keys()], 'dismissed');
        break;
      case 'ban':
        state.banned.add(user);
        remove(this.#state, [user], 'banned');
        break;
      case 'revoke':
        this.#revoke(change.whose === 'user' ? user : change.whose);
        break;
      case 'deny':
      case 'allow':
        // What only gives back is refused while nothing can be recorded.
        if (change.what === 'allow' && change.isShut) break;
        for (const one of this.#whom(user, change.whom)) this.#deny(one, change);
        break;
      case 'control':
        state.control = change.control;
        this.#applicationChanged();
        break;
      case 'expiryPolicy':
        state.expiryPolicy = change.policy;
        this.#applicationChanged();
        break;
      case 'stalePolicy':
        state.stalePolicy = change.policy;
        break;
      case 'secretKey':
        // What was called compromised stays so.
        if (secretKeyState(this.#state, change.keyId) !== 'compromised') {
          if (change.state === 'active') state.secretKeys.delete(change.keyId);
          else state.secretKeys.set(change.keyId, change.state);
        }
        this.#applicationChanged();
        break;
      case 'newSecretKey':
        this.#applicationChanged();
        break;
      case 'workerDeath':
        for (const { tracks, unopened } of state.members.values()) {
          for (const slot of unopened) tracks.delete(slot);
          unopened.clear();
          for (const [slot, until] of tracks) tracks.set(slot, until ?? state.now + 10);
        }
        break;
      case 'time':
        this.#pass(change.seconds);
        break;
      case 'resume':
        if (!member || member.entry !== change.entry) break;
        member.connection = change.as;
        member.awayUntil = undefined;
        break;
      default:
        if (member && member.connection === change.by) this.#ask(user, member, change);
    }
    settle(this.#state);
  }

  #ask(user: string, member: ModelMember, change: ModelChange): void {
    switch (change.what) {
      case 'exit':
        remove(this.#state, [user]);
        return;
      case 'lose':
        member.connection = undefined;
        member.awayUntil = this.#state.now + 30;
        return;
      case 'updatePrivateMapKey':
        take(this.#state, user, member, change.key);
        return;
      case 'switchRole':
        if (this.#keyFor(user, member, change.role, change.key)) member.role = change.role;
        return;
      case 'changeAuthority':
        this.#changeAuthority(user, member, change.bits, change.key);
        return;
      case 'publish':
        if (!can(this.#state, user, 'send', change.slot) || member.tracks.has(change.slot)) return;
        member.tracks.set(change.slot, undefined);
        return;
      case 'unpublish':
        member.tracks.delete(change.slot);
        return;
      case 'subscribe':
        if (can(this.#state, user, 'recv', change.slot) && this.#isSeen(change.of))
          member.refused.delete(`${change.of} ${change.slot}`);
        return;
      case 'unsubscribe':
        if (this.#isSeen(change.of)) member.refused.add(`${change.of} ${change.slot}`);
        return;
      default:
    }
  }

  /** Whether the others see a user: nobody hears of who watches. */
  #isSeen(user: string): boolean {
    return this.#state.members.get(user)?.role === 'anchor';
  }

  /** Of everybody, or of everybody else, those who are inside. */
  #whom(user: string, whom: Whom | undefined): readonly string[] {
    if (whom === undefined) return [user];
    return [...this.#state.members.keys()].filter((other) => whom === 'all' || other !== user);
  }

  #enter({ user, as, key, role, isShut }: ModelChange & { what: 'enter' }): void {
    const { members, banned, control } = this.#state;
    if (isShut) return;
    if (
      secretKeyState(this.#state, key.signedBy) !== 'active' ||
      isVoid(this.#state, key.issued, ['application', user])
    )
      return;
    const isEnforced = control === 'enforce';
    if (isEnforced && refusalOf(this.#state, user, key) !== undefined) return;
    if (banned.has(user)) return;
    const has = (name: string) =>
      (!isEnforced || namesOf(key.bits).includes(name)) && !deniedTo(this.#state, user).includes(name);
    if (!has('enterRoom') || (members.size === 0 && !has('createRoom'))) return;
    remove(this.#state, [user], 'replaced');
    settle(this.#state);
    members.set(user, {
      entry: as,
      connection: as,
      carried: key,
      isEnforced,
      wasGood: control === 'observe' && refusalOf(this.#state, user, key) === undefined,
      looked: control,
      role,
      asked: names,
      isLapsed: false,
      signed: key.issued,
      signedBy: key.signedBy,
      tracks: new Map(),
      unopened: new Set(),
      refused: new Set(),
      awayUntil: undefined,
      graceUntil: undefined,
    });
  }

  /** The key for a role: the one given, or as an anchor the carried one checked again. False: refused. */
  #keyFor(user: string, member: ModelMember, role: string, key: ModelKey | undefined): boolean {
    if (key) return take(this.#state, user, member, key);
    const { control } = this.#state;
    if (control === 'observe' && role === 'anchor')
      observe(member, member.carried, refusalOf(this.#state, user, member.carried) === undefined);
    if (role === 'audience' || control !== 'enforce') return true;
    if (refusalOf(this.#state, user, member.carried) === undefined) {
      hold(member, member.carried);
      return true;
    }
    if (this.#state.stalePolicy === 'remove') remove(this.#state, [user], 'ticket');
    return false;
  }

  #changeAuthority(user: string, member: ModelMember, bits: number, key: ModelKey | undefined): void {
    const before = copyOf(member);
    if (key && !take(this.#state, user, member, key)) return;
    const isDefault = bits === -1;
    const asked = (isDefault ? names : namesOf(bits)).filter(
      (name) => name !== 'createRoom' && name !== 'enterRoom',
    );
    if (
      !isDefault &&
      member.isEnforced &&
      asked.some((name) => !namesOf(member.carried.bits).includes(name))
    ) {
      this.#state.members.set(user, before);
      return;
    }
    const role = asked.some((name) => sending.includes(name)) ? 'anchor' : 'audience';
    if (!key && role !== member.role && !this.#keyFor(user, member, role, undefined)) return;
    member.role = role;
    member.asked = [...asked, 'createRoom', 'enterRoom'];
  }

  #deny(user: string, { what, bits, seconds }: ModelChange & { what: 'deny' | 'allow' }): void {
    const { denied, now } = this.#state;
    const before = denied.get(user);
    const had = before && before.until > now && before.names.length > 0 ? before : { names: [], until: 0 };
    const concerned = namesOf(bits);
    const rest = had.names.filter((name) => !concerned.includes(name));
    const until = what === 'deny' ? Math.max(had.until, now + seconds) : had.until;
    denied.set(user, { names: what === 'deny' ? [...rest, ...concerned] : rest, until });
  }

  #revoke(target: string): void {
    const { marks, members, now } = this.#state;
    marks.set(target, now);
    const isOut = ([user, { signed, carried, isEnforced }]: [string, ModelMember]) =>
      isVoid(this.#state, signed, ['application', user]) ||
      (isEnforced && isVoid(this.#state, carried.issued, ['application', user, 'room']));
    const out = [...members].filter(isOut).map(([user]) => user);
    remove(this.#state, out, 'revoked');
  }

  #applicationChanged(): void {
    const state = this.#state;
    for (const [user, member] of [...state.members]) {
      if (isSignedByThieves(state, member)) remove(this.#state, [user], 'ticket');
      else if (state.control !== 'enforce') {
        const isAnew =
          member.isEnforced || member.graceUntil !== undefined || state.control !== member.looked;
        if (isAnew)
          member.wasGood =
            state.control === 'observe' && refusalOf(this.#state, user, member.carried) === undefined;
        member.looked = state.control;
        member.isEnforced = false;
        member.isLapsed = false;
        member.graceUntil = undefined;
      } else if (member.isEnforced) this.#expire(user, member);
      else if (refusalOf(this.#state, user, member.carried) === undefined) hold(member, member.carried);
      else {
        member.graceUntil ??= state.now + 60;
        member.wasGood = false;
      }
      settle(this.#state, [user]);
    }
  }

  #expire(user: string, member: ModelMember): void {
    const { now, expiryPolicy } = this.#state;
    const isExpired = member.isEnforced && now > member.carried.expires;
    if (isExpired && expiryPolicy === 'remove') remove(this.#state, [user], 'ticket');
    else member.isLapsed = isExpired && expiryPolicy === 'demote';
  }

  /** Second by second: nothing here is quicker. */
  #pass(seconds: number): void {
    const state = this.#state;
    for (const end = state.now + seconds; state.now < end; ) {
      state.now++;
      // What operators took comes back, or has come back.
      if ([...state.denied.values()].some(({ until }) => until === state.now)) settle(this.#state);
      for (const [user, member] of [...state.members]) {
        const { tracks, awayUntil, graceUntil, carried } = member;
        const isExpired = state.now === carried.expires + 1;
        const isLost = [...tracks.values()].includes(state.now);
        if (!isExpired && !isLost && awayUntil !== state.now && graceUntil !== state.now) continue;
        for (const [slot, until] of tracks) if (until === state.now) tracks.delete(slot);
        if (awayUntil === state.now) remove(this.#state, [user]);
        if (graceUntil === state.now) {
          if (refusalOf(this.#state, user, member.carried) === undefined) hold(member, member.carried);
          else remove(this.#state, [user], 'ticket');
        }
        if (state.members.has(user) && isExpired) this.#expire(user, member);
        settle(this.#state, [user]);
      }
    }
  }
}
