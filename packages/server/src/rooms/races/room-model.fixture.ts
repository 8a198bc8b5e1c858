/**
 * What a room does with its members, written from the rules and not from the code: names instead of bits, one list of
 * places, no media, no promises. Changes happen one after another, each to its end.
 *
 * @module
 */
import type { Slot } from '@roomkey/tickets/permissions';
import type { ModelChange, ModelKey } from './race-changes.fixture.ts';

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
const needs: Readonly<Record<'send' | 'recv', Readonly<Record<Slot, readonly string[]>>>> = {
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
const namesOf = (byte: number): readonly string[] => bytes[byte] ?? [];

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
  secretKey: 'active' | 'retired' | 'compromised';
  readonly members: Map<string, ModelMember>;
  readonly denied: Map<string, { readonly names: readonly string[]; readonly until: number }>;
  readonly banned: Set<string>;
  /** The last second of void tickets: of users, of the room, of the application. */
  readonly marks: Map<string, number>;
  /** Who may send or waits to, in the order in which they came. */
  queue: string[];
}

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
      secretKey: 'active',
      members: new Map(),
      denied: new Map(),
      banned: new Set(),
      marks: new Map(),
      queue: [],
    };
  }

  copy(): RoomModel {
    return new RoomModel(this.#places, 0, structuredClone(this.#state));
  }

  /** The same text for the same state, as far as anybody can see it. */
  get fingerprint(): string {
    return JSON.stringify(this.#state, (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    );
  }

  /** Who is inside, with which permissions. */
  get inside(): Record<string, string[]> {
    return Object.fromEntries([...this.#state.members.keys()].sort().map((user) => [user, this.#may(user)]));
  }

  /** Whose media waits to come back. */
  get lost(): string[] {
    const waits = ({ tracks }: ModelMember) => [...tracks.values()].some((until) => until !== undefined);
    return [...this.#state.members].filter(([, member]) => waits(member)).map(([user]) => user);
  }

  /** What flows into the room, and out of it, as lines; while `lost` is empty. */
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

  /** Makes one change to its end. What is refused changes nothing. */
  apply(change: ModelChange): void {
    const state = this.#state;
    const { user } = change;
    const member = state.members.get(user);
    switch (change.what) {
      case 'enter':
        this.#enter(change);
        break;
      case 'kick':
        this.#remove([user]);
        break;
      case 'dismiss':
        this.#remove([...state.members.keys()]);
        break;
      case 'ban':
        state.banned.add(user);
        this.#remove([user]);
        break;
      case 'revoke':
        this.#revoke(change.whose === 'user' ? user : change.whose);
        break;
      case 'deny':
      case 'allow':
        this.#deny(user, change);
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
        if (state.secretKey !== 'compromised') state.secretKey = change.state;
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
        if (change.isHeld) member.unopened.add(change.slot);
        else member.unopened.delete(change.slot);
        return;
      case 'unpublish':
        member.tracks.delete(change.slot);
        return;
      case 'subscribe':
        if (this.#can(user, 'recv', change.slot)) member.refused.delete(`${change.of} ${change.slot}`);
        return;
      case 'unsubscribe':
        if (this.#state.members.has(change.of)) member.refused.add(`${change.of} ${change.slot}`);
        return;
      default:
    }
  }

  #enter({ user, as, key, role }: ModelChange & { what: 'enter' }): void {
    const { members, banned, control, secretKey } = this.#state;
    if (secretKey !== 'active' || this.#isVoid(user, key.issued, ['application', user])) return;
    const isEnforced = control === 'enforce';
    if (isEnforced && this.#refusal(user, key) !== undefined) return;
    if (banned.has(user)) return;
    const has = (name: string) =>
      (!isEnforced || namesOf(key.bits).includes(name)) && !this.#deniedTo(user).includes(name);
    if (!has('enterRoom') || (members.size === 0 && !has('createRoom'))) return;
    this.#remove([user]);
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
    if (this.#state.stalePolicy === 'remove') this.#remove([user]);
    return false;
  }

  #changeAuthority(user: string, member: ModelMember, bits: number, key: ModelKey | undefined): void {
    const before = structuredClone(member);
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
    this.#remove([...members].filter(isOut).map(([user]) => user));
  }

  #applicationChanged(): void {
    const state = this.#state;
    for (const [user, member] of [...state.members]) {
      if (state.secretKey === 'compromised') this.#remove([user]);
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
      this.#settle();
    }
  }

  #expire(user: string, member: ModelMember): void {
    const { now, expiryPolicy } = this.#state;
    const isExpired = member.isEnforced && now > member.carried.expires;
    if (isExpired && expiryPolicy === 'remove') this.#remove([user]);
    else member.isLapsed = isExpired && expiryPolicy === 'demote';
  }

  /** Second by second: nothing here is quicker. */
  #pass(seconds: number): void {
    const state = this.#state;
    for (const end = state.now + seconds; state.now < end; ) {
      state.now++;
      for (const [user, member] of [...state.members]) {
        const { tracks, awayUntil, graceUntil } = member;
        for (const [slot, until] of tracks) if (until === state.now) tracks.delete(slot);
        if (awayUntil === state.now) this.#remove([user]);
        if (graceUntil === state.now) {
          if (this.#refusal(user, member.carried) === undefined) this.#hold(member, member.carried);
          else this.#remove([user]);
        }
        if (state.members.has(user) && state.now === member.carried.expires + 1) this.#expire(user, member);
        this.#settle();
      }
    }
  }

  /** Why a key is not good for anybody who is inside or enters; undefined: it is. */
  #refusal(user: string, { bits, issued, expires, isOfThisRoom }: ModelKey): string | undefined {
    const { secretKey, now } = this.#state;
    if (!isOfThisRoom) return 'room';
    if (secretKey !== 'active') return 'forged';
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

  #remove(users: readonly string[]): void {
    for (const user of users) this.#state.members.delete(user);
    for (const user of users) {
      this.#state.queue = this.#state.queue.filter((other) => other !== user);
      for (const { refused } of this.#state.members.values())
        for (const wish of [...refused]) if (wish.startsWith(`${user} `)) refused.delete(wish);
    }
  }

  /** Gives away the places, and ends the tracks of those who may not send them any more. */
  #settle(): void {
    const { members, queue } = this.#state;
    const wants = (user: string) =>
      members.has(user) && this.#mayWithAPlace(user).some((name) => sending.includes(name));
    this.#state.queue = queue.filter(wants);
    for (const user of members.keys())
      if (wants(user) && !this.#state.queue.includes(user)) this.#state.queue.push(user);
    for (const [user, { tracks }] of members)
      for (const slot of tracks.keys()) if (!this.#can(user, 'send', slot)) tracks.delete(slot);
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
