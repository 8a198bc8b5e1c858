/**
 * What a room does with its members, written from the rules and not from the code: names instead of bits, one list of
 * places, no media, no promises. Changes happen one after another, each to its end.
 *
 * @module
 */
import type { Slot } from '@roomkey/tickets/permissions';
import type { ModelChange, ModelKey, Whom } from './race-changes.fixture.ts';

const names = [
  'createRoom',
  'enterRoom',
  'sendAudio',
  'recvAudio',
  'sendVideo',
  'recvVideo',
  'sendSub',
  'recvSub',
];
const sending = ['sendAudio', 'sendVideo', 'sendSub'];
/** What sending into a slot and receiving from it take. */
export const needs: Readonly<Record<'send' | 'recv', Readonly<Record<Slot, readonly string[]>>>> = {
  send: {
    microphone: ['sendAudio'],
    camera: ['sendVideo'],
    screen: ['sendSub'],
    screenAudio: ['sendSub', 'sendAudio'],
  },
  recv: {
    microphone: ['recvAudio'],
    camera: ['recvVideo'],
    screen: ['recvSub'],
    screenAudio: ['recvSub', 'recvAudio'],
  },
};

const bytes = Array.from({ length: 256 }, (_, byte) =>
  names.filter((_name, index) => Math.floor(byte / 2 ** index) % 2 === 1),
);
/** The names of the permissions in a byte. */
export const namesOf = (byte: number): readonly string[] => bytes[byte] ?? [];

interface ModelMember {
  /** The connection over which it entered: it names the seat. */
  readonly entry: string;
  /** The connection that has the seat; undefined: none. */
  connection: string | undefined;
  /** What is carried, whether it is looked at or not. */
  carried: ModelKey;
  /** Set while it is enforced. */
  isEnforced: boolean;
  /** Where it is only observed: it was good when it was looked at last. */
  wasGood: boolean;
  /** How keys were looked at when this one was. */
  looked: 'off' | 'observe' | 'enforce';
  role: 'anchor' | 'audience';
  asked: readonly string[];
  isLapsed: boolean;
  readonly signed: number;
  /** The secret key that signed the UserSig. */
  readonly signedBy: string;
  /** Published slots; with a time, they are lost at that time if their media does not come back. */
  readonly tracks: Map<Slot, number | undefined>;
  /** Those of them that nobody knows of: the media plane has not opened them. */
  readonly unopened: Set<Slot>;
  readonly refused: Set<string>;
  awayUntil: number | undefined;
  graceUntil: number | undefined;
}

interface ModelState {
  now: number;
  control: 'off' | 'observe' | 'enforce';
  expiryPolicy: 'keep' | 'demote' | 'remove';
  stalePolicy: 'remove' | 'refuse';
  /** Secret keys that are not active. */
  readonly secretKeys: Map<string, 'retired' | 'compromised'>;
  readonly members: Map<string, ModelMember>;
  readonly denied: Map<string, { readonly names: readonly string[]; readonly until: number }>;
  readonly banned: Set<string>;
  /** The last second of void tickets: of users, of the room, of the application. */
  readonly marks: Map<string, number>;
  /** Who may send or waits to, in the order in which they came. */
  queue: string[];
  /** Whom over which connection was told to be out, and why. */
  readonly sentOff: Map<string, string>;
}

const copyOf = (member: ModelMember): ModelMember => ({
  ...member,
  tracks: new Map(member.tracks),
  unopened: new Set(member.unopened),
  refused: new Set(member.refused),
});

/** Somebody who is seen, and what is seen of the tracks. */
export const seenOf = (user: string, sent: Iterable<Slot>): string[] => [
  user,
  ...[...sent].map((slot) => `${user} ${slot}`),
];

/** A room of scene `live` in which everybody wishes to receive everything. */
export class RoomModel {
  readonly #places: number;
  readonly #state: ModelState;

  /** At most `places` members may send. */
  constructor(places: number, now: number, state?: ModelState) {
    this.#places = places;
    this.#state = state ?? {
      now,
      control: 'enforce',
      expiryPolicy: 'keep',
      stalePolicy: 'remove',
      secretKeys: new Map(),
      members: new Map(),
      denied: new Map(),
      banned: new Set(),
      marks: new Map(),
      queue: [],
      sentOff: new Map(),
    };
  }

  copy(): RoomModel {
    const state = this.#state;
    return new RoomModel(this.#places, 0, {
      ...state,
      secretKeys: new Map(state.secretKeys),
      members: new Map([...state.members].map(([user, member]) => [user, copyOf(member)])),
      denied: new Map(state.denied),
      banned: new Set(state.banned),
      marks: new Map(state.marks),
      queue: [...state.queue],
      sentOff: new Map(state.sentOff),
    });
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
    return Object.fromEntries([...this.#state.members.keys()].sort().map((user) => [user, this.#may(user)]));
  }

  /** What flows into the room, and out of it, as lines; while no media is lost. */
  get media(): string[] {
    const lines: string[] = [];
    for (const [from, { tracks }] of this.#state.members) {
      for (const slot of tracks.keys()) {
        lines.push(`${from} sends ${slot}`);
        for (const [to, { refused }] of this.#state.members)
          if (to !== from && this.#can(to, 'recv', slot) && !refused.has(`${from} ${slot}`))
            lines.push(`${to} receives ${slot} of ${from}`);
      }
    }
    return lines.sort();
  }

  /** Whether a member may use a slot now. */
  allows(user: string, direction: 'send' | 'recv', slot: Slot): boolean {
    return this.#state.members.has(user) && this.#can(user, direction, slot);
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
        if (member?.entry === change.as) this.#remove([user]);
        break;
      case 'kick':
        this.#remove([user, ...(change.also ?? [])], 'kicked');
        break;
      case 'dismiss':
        this.#remove([...state.members.keys()], 'dismissed');
        break;
      case 'ban':
        state.banned.add(user);
        this.#remove([user], 'banned');
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
        if (this.#stateOf(change.keyId) !== 'compromised') {
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
    this.#settle();
  }

  #ask(user: string, member: ModelMember, change: ModelChange): void {
    switch (change.what) {
      case 'exit':
        this.#remove([user]);
        return;
      case 'lose':
        member.connection = undefined;
        member.awayUntil = this.#state.now + 30;
        return;
      case 'updatePrivateMapKey':
        this.#take(user, member, change.key);
        return;
      case 'switchRole':
        if (this.#keyFor(user, member, change.role, change.key)) member.role = change.role;
        return;
      case 'changeAuthority':
        this.#changeAuthority(user, member, change.bits, change.key);
        return;
      case 'publish':
        if (!this.#can(user, 'send', change.slot) || member.tracks.has(change.slot)) return;
        member.tracks.set(change.slot, undefined);
        return;
      case 'unpublish':
        member.tracks.delete(change.slot);
        return;
      case 'subscribe':
        if (this.#can(user, 'recv', change.slot) && this.#isSeen(change.of))
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
    if (this.#stateOf(key.signedBy) !== 'active' || this.#isVoid(user, key.issued, ['application', user]))
      return;
    const isEnforced = control === 'enforce';
    if (isEnforced && this.#refusal(user, key) !== undefined) return;
    if (banned.has(user)) return;
    const has = (name: string) =>
      (!isEnforced || namesOf(key.bits).includes(name)) && !this.#deniedTo(user).includes(name);
    if (!has('enterRoom') || (members.size === 0 && !has('createRoom'))) return;
    this.#remove([user], 'replaced');
    this.#settle();
    members.set(user, {
      entry: as,
      connection: as,
      carried: key,
      isEnforced,
      wasGood: control === 'observe' && this.#refusal(user, key) === undefined,
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

  /** Takes a key that is given in the place of the carried one; false: it was refused. */
  #take(user: string, member: ModelMember, key: ModelKey): boolean {
    const { control, banned } = this.#state;
    if (control === 'off') {
      member.carried = key;
      return true;
    }
    const isNew = JSON.stringify(key) !== JSON.stringify(member.carried);
    const isUnwelcome = isNew && (banned.has(user) || this.#deniedTo(user).includes('enterRoom'));
    const isOlder = (member.isEnforced || member.wasGood) && key.issued < member.carried.issued;
    const bad = this.#refusal(user, key) !== undefined || isUnwelcome || isOlder;
    if (control === 'observe') {
      if (!bad || !isNew || !member.wasGood) this.#observe(member, key, !bad);
      return true;
    }
    if (bad) return false;
    this.#hold(member, key);
    return true;
  }

  #observe(member: ModelMember, key: ModelKey, isGood: boolean): void {
    member.carried = key;
    member.wasGood = isGood;
  }

  #hold(member: ModelMember, key: ModelKey): void {
    member.carried = key;
    member.isEnforced = true;
    member.wasGood = false;
    member.isLapsed = false;
    member.graceUntil = undefined;
  }

  /** The key for a role: the one given, or as an anchor the carried one checked again. False: refused. */
  #keyFor(user: string, member: ModelMember, role: string, key: ModelKey | undefined): boolean {
    if (key) return this.#take(user, member, key);
    const { control } = this.#state;
    if (control === 'observe' && role === 'anchor')
      this.#observe(member, member.carried, this.#refusal(user, member.carried) === undefined);
    if (role === 'audience' || control !== 'enforce') return true;
    if (this.#refusal(user, member.carried) === undefined) {
      this.#hold(member, member.carried);
      return true;
    }
    if (this.#state.stalePolicy === 'remove') this.#remove([user], 'ticket');
    return false;
  }

  #changeAuthority(user: string, member: ModelMember, bits: number, key: ModelKey | undefined): void {
    const before = copyOf(member);
    if (key && !this.#take(user, member, key)) return;
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
      this.#isVoid(user, signed, ['application', user]) ||
      (isEnforced && this.#isVoid(user, carried.issued, ['application', user, 'room']));
    const out = [...members].filter(isOut).map(([user]) => user);
    this.#remove(out, 'revoked');
  }

  #applicationChanged(): void {
    const state = this.#state;
    for (const [user, member] of [...state.members]) {
      if (this.#isSignedByThieves(member)) this.#remove([user], 'ticket');
      else if (state.control !== 'enforce') {
        const isAnew =
          member.isEnforced || member.graceUntil !== undefined || state.control !== member.looked;
        if (isAnew)
          member.wasGood = state.control === 'observe' && this.#refusal(user, member.carried) === undefined;
        member.looked = state.control;
        member.isEnforced = false;
        member.isLapsed = false;
        member.graceUntil = undefined;
      } else if (member.isEnforced) this.#expire(user, member);
      else if (this.#refusal(user, member.carried) === undefined) this.#hold(member, member.carried);
      else {
        member.graceUntil ??= state.now + 60;
        member.wasGood = false;
      }
      this.#settle([user]);
    }
  }

  #isSignedByThieves({ signedBy, isEnforced, carried }: ModelMember): boolean {
    const isStolen = (keyId: string) => this.#stateOf(keyId) === 'compromised';
    return isStolen(signedBy) || (isEnforced && isStolen(carried.signedBy));
  }

  #stateOf(keyId: string): 'active' | 'retired' | 'compromised' {
    return this.#state.secretKeys.get(keyId) ?? 'active';
  }

  #expire(user: string, member: ModelMember): void {
    const { now, expiryPolicy } = this.#state;
    const isExpired = member.isEnforced && now > member.carried.expires;
    if (isExpired && expiryPolicy === 'remove') this.#remove([user], 'ticket');
    else member.isLapsed = isExpired && expiryPolicy === 'demote';
  }

  /** Second by second: nothing here is quicker. */
  #pass(seconds: number): void {
    const state = this.#state;
    for (const end = state.now + seconds; state.now < end; ) {
      state.now++;
      // What operators took comes back, or has come back.
      if ([...state.denied.values()].some(({ until }) => until === state.now)) this.#settle();
      for (const [user, member] of [...state.members]) {
        const { tracks, awayUntil, graceUntil, carried } = member;
        const isExpired = state.now === carried.expires + 1;
        const isLost = [...tracks.values()].includes(state.now);
        if (!isExpired && !isLost && awayUntil !== state.now && graceUntil !== state.now) continue;
        for (const [slot, until] of tracks) if (until === state.now) tracks.delete(slot);
        if (awayUntil === state.now) this.#remove([user]);
        if (graceUntil === state.now) {
          if (this.#refusal(user, member.carried) === undefined) this.#hold(member, member.carried);
          else this.#remove([user], 'ticket');
        }
        if (state.members.has(user) && isExpired) this.#expire(user, member);
        this.#settle([user]);
      }
    }
  }

  /** Why a key is not good for anybody who is inside or enters; undefined: it is. */
  #refusal(user: string, { bits, issued, expires, isOfThisRoom, signedBy }: ModelKey): string | undefined {
    const { now } = this.#state;
    if (!isOfThisRoom) return 'room';
    if (this.#stateOf(signedBy) !== 'active') return 'forged';
    if (now > expires) return 'expired';
    if (this.#isVoid(user, issued, ['application', user, 'room'])) return 'revoked';
    return namesOf(bits).includes('enterRoom') ? undefined : 'enterRoom';
  }

  #isVoid(_user: string, issued: number, targets: readonly string[]): boolean {
    return targets.some((target) => issued <= (this.#state.marks.get(target) ?? -1));
  }

  #deniedTo(user: string): readonly string[] {
    const denial = this.#state.denied.get(user);
    return denial && denial.until > this.#state.now ? denial.names : [];
  }

  /** `reason` is told to those who did not ask for it. */
  #remove(users: readonly string[], reason?: string): void {
    const { members, sentOff } = this.#state;
    const out = users.filter((user) => members.has(user));
    for (const user of out) {
      const connection = members.get(user)?.connection;
      if (reason && connection) sentOff.set(connection, reason);
      members.delete(user);
    }
    this.#state.queue = this.#state.queue.filter((user) => !out.includes(user));
    for (const { refused } of members.values())
      for (const wish of refused) if (out.includes(wish.split(' ')[0] ?? '')) refused.delete(wish);
  }

  /** Gives away the places, and ends the tracks of those who may not send them any more, after some have changed. */
  #settle(changed: readonly string[] = [...this.#state.members.keys()]): void {
    const { members } = this.#state;
    const wants = (user: string) =>
      members.has(user) && this.#mayWithAPlace(user).some((name) => sending.includes(name));
    const waive = new Set(changed.filter((user) => !wants(user)));
    const queue = this.#state.queue.filter((user) => !waive.has(user));
    this.#state.queue = [...new Set([...queue, ...changed.filter((user) => !waive.has(user))])];
    for (const user of changed) {
      const { tracks } = members.get(user) ?? {};
      for (const slot of tracks?.keys() ?? []) if (!this.#can(user, 'send', slot)) tracks?.delete(slot);
    }
  }

  #can(user: string, direction: 'send' | 'recv', slot: Slot): boolean {
    const may = this.#may(user);
    return needs[direction][slot].every((name) => may.includes(name));
  }

  #may(user: string): string[] {
    const place = this.#state.queue.indexOf(user);
    const isCapped = place < 0 || place >= this.#places;
    return this.#mayWithAPlace(user).filter((name) => !isCapped || !sending.includes(name));
  }

  #mayWithAPlace(user: string): string[] {
    const member = this.#state.members.get(user);
    if (!member) return [];
    const { isEnforced, carried, role, asked, isLapsed } = member;
    const denied = this.#deniedTo(user);
    return names.filter(
      (name) =>
        (!isEnforced || namesOf(carried.bits).includes(name)) &&
        !(role === 'audience' && sending.includes(name)) &&
        asked.includes(name) &&
        !denied.includes(name) &&
        !(isLapsed && sending.includes(name)),
    );
  }
}
