import { RecordingLink, RoomWorldUnderTest, rtpParametersFor, TestMember } from '@roomkey/testkit';
import { permissionsOf, type Slot } from '@roomkey/tickets/permissions';
import { expect } from 'vitest';
import type { EventLoopShare } from '../../event-loop-share.ts';
import { StoreError } from '../../ports/index.ts';
import type { ModelChange, ModelKey, Wish } from './race-changes.fixture.ts';
import { RaceClient } from './race-client.fixture.ts';
import { namesOf, needs } from './room-model.fixture.ts';

/** What the media plane and the journal do with what they are asked for: all of it, some of it, or nothing yet. */
export interface Holding {
  readonly media: 'free' | 'some' | 'held';
  /** `refused` as by a disk that is slow or full: it is tried again when it is free. */
  readonly journal: 'free' | 'some' | 'held' | 'refused';
}

/** A track or a consumer that exists at the media plane, and to whom it belongs. */
export interface Flow {
  readonly user: string;
  /** The stay that it belongs to. */
  readonly memberId: string;
  readonly direction: 'send' | 'recv';
  readonly slot: Slot;
}

/** Members for whom a room does something in one turn of the event loop. */
export const SLICE = 25;

/** Openings, or records, that go on where some do. */
const SOME = 7;

const slow = new StoreError('failed', 'The disk takes too long.');

/** Room 1 with its clients, who ask for what they are told to. */
export class RaceRoom {
  readonly world: RoomWorldUnderTest;
  readonly users: readonly string[];
  /** Requests without an answer. */
  unanswered = 0;
  /** Entries that were refused because their records were not kept in time. */
  readonly unrecorded: ModelChange[] = [];
  /** What was asked for last, for who reads a failure. */
  told = '';
  /** Who has, or had, a seat, by user. */
  readonly #clients = new Map<string, RaceClient>();
  /** Every connection there was. */
  readonly #links = new Map<string, RecordingLink>();
  /** Whose transports there are at the media plane, and of which stay. */
  readonly #owners = new Map<string, { readonly user: string; readonly memberId: string }>();
  #connections = 0;
  /** The tracks and consumers that there were a turn ago. */
  #seen: ReadonlySet<string> = new Set();
  #answered: (isDone: boolean) => void = () => {};
  #letGo: ((count?: number) => Promise<void>) | undefined;
  #keep: (() => void) | undefined;

  /** At most `places` members may send; `share` says what one turn of the event loop does. */
  constructor(places: number, users: readonly string[], share?: EventLoopShare) {
    this.world = new RoomWorldUnderTest({ maxSendersPerRoom: places, share });
    this.users = users;
  }

  /** Whether the media plane or the journal holds back what it is asked for. */
  get isHeld(): boolean {
    return this.#letGo !== undefined || this.#keep !== undefined;
  }

  /** Says what the media plane and the journal do from now on; what they held goes on as far as they are free. */
  async holding({ media, journal }: Holding): Promise<void> {
    this.told = `media ${media}, journal ${journal}`;
    this.#holdRecords(journal);
    if (media !== 'free') this.#letGo ??= this.world.plane.hold();
    if (media === 'some') await this.#letGo?.(SOME);
    if (media === 'free') await this.#letGo?.();
    if (media === 'free') this.#letGo = undefined;
    await this.quiet();
  }

  #holdRecords(journal: Holding['journal']): void {
    const records = this.world.journal;
    if (journal !== 'free') this.#keep ??= records.hold();
    records.failWith(journal === 'refused' ? slow : undefined);
    if (journal === 'some') records.keep(SOME);
    if (journal !== 'free') return;
    this.#keep?.();
    this.#keep = undefined;
  }

  /** Time as it really passes: what operators took comes back one after another. */
  async pass(seconds: number): Promise<void> {
    const { clock, restrictions } = this.world;
    for (const end = clock.now() + seconds * 1000; clock.now() < end; ) {
      const next = Math.min(end, restrictions.nextEnd ?? end);
      clock.advance(Math.max(1, next - clock.now()));
      await this.turn();
    }
  }

  /** Unix seconds. */
  get second(): number {
    return Math.floor(this.world.clock.now() / 1000);
  }

  /** What a wish would change if it was asked for now. */
  named(wish: Wish): ModelChange {
    const by = this.#clients.get(wish.user)?.connection;
    const signedBy = this.world.application.keys[0]?.keyId ?? '';
    const key = (bits: number, isOfThisRoom = true): ModelKey => ({
      bits,
      issued: this.second,
      expires: this.second + 300,
      isOfThisRoom,
      signedBy,
    });
    const as = `connection ${++this.#connections}`;
    switch (wish.what) {
      case 'enter':
        return { ...wish, as, key: key(wish.bits), isShut: !this.world.journal.available };
      case 'resume':
        return { ...wish, what: 'resume', as, entry: this.#clients.get(wish.user)?.entry };
      case 'switchRole':
        return { ...wish, by, key: wish.bits === undefined ? undefined : key(wish.bits) };
      case 'updatePrivateMapKey':
        return { ...wish, by, key: key(wish.bits, !wish.elsewhere) };
      case 'deny':
      case 'allow':
        return { ...wish, isShut: !this.world.journal.available };
      case 'changeAuthority':
        return { ...wish, by, bits: wish.asks, key: wish.bits === undefined ? undefined : key(wish.bits) };
      case 'secretKey':
        return { ...wish, keyId: this.#oldestKey?.keyId ?? '' };
      case 'publish':
        // Nobody publishes without a transport, which the model does not know.
        return { ...wish, by: this.#transports(wish.user)?.send?.open ? by : 'nobody', of: '' };
      case 'unpublish':
      case 'subscribe':
      case 'unsubscribe':
        return { ...wish, by, of: wish.user === 'ana' ? 'bob' : 'ana' };
      default:
        return { ...wish, by } as ModelChange;
    }
  }

  /** The oldest secret key that is not compromised. */
  get #oldestKey() {
    return this.world.application.keys.findLast(({ state }) => state !== 'compromised');
  }

  /** Asks for a wish, which is a change by name; `answered` is told when it is answered, and whether it was done. */
  ask(wish: Wish, change: ModelChange, answered: (isDone: boolean) => void = () => {}): void {
    this.#answered = answered;
    const { world } = this;
    const { operator, application, plane } = world;
    const { keys } = application;
    const { user } = wish;
    const at = {
      sdkAppId: application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
    };
    switch (wish.what) {
      case 'enter':
        this.#seated(change, this.#enter(change, wish));
        return;
      case 'kick':
        this.#asked(operator.kick({ ...at, userIds: [user, ...(wish.also ?? [])] }));
        return;
      case 'ban':
        this.#asked(operator.ban({ ...at, userId: user }));
        return;
      case 'dismiss':
        this.#asked(operator.dismissRoom(at));
        return;
      case 'revoke': {
        const { sdkAppId, room, actor } = at;
        const tickets = { user: { userId: user }, room: { room }, application: 'application' } as const;
        this.#asked(operator.revoke({ sdkAppId, actor, tickets: tickets[wish.whose] }));
        return;
      }
      case 'deny':
      case 'allow': {
        const { bits: mask, seconds, whom } = wish;
        const value = wish.what === 'deny' ? mask : 0;
        const users = whom === 'all' ? whom : whom === 'others' ? { except: [user] } : { only: [user] };
        this.#asked(operator.setDenied({ ...at, users, mask, value, seconds }));
        return;
      }
      case 'control':
        this.#changeApplication({ permissionControl: wish.control });
        return;
      case 'expiryPolicy':
        this.#changeApplication({ expiryPolicy: wish.policy });
        return;
      case 'stalePolicy':
        world.application = { ...application, staleKeyPolicy: wish.policy };
        return;
      case 'newSecretKey': {
        const keyId = `key ${keys.length}`;
        this.#changeApplication({
          keys: [{ keyId, secret: `${keyId} is secret`, state: 'active' }, ...keys],
        });
        return;
      }
      case 'secretKey': {
        const { state } = wish;
        this.#changeApplication({
          keys: keys.map((key) => (key === this.#oldestKey ? { ...key, state } : key)),
        });
        return;
      }
      case 'workerDeath':
        plane.losePlace();
        return;
      case 'time':
        return;
      default:
        this.#askMember(wish, change);
    }
  }

  #askMember(wish: Wish, change: ModelChange): void {
    const member = this.#clients.get(wish.user)?.member;
    if (!member) return;
    const { seat } = member;
    const of = 'of' in change ? change.of : '';
    switch (wish.what) {
      case 'resume':
        this.#seated(change, this.world.resume(member));
        return;
      case 'exit':
        this.#asked(seat.exit({}));
        return;
      case 'lose':
        seat.dropped('lost');
        return;
      case 'switchRole':
        this.#asked(seat.switchRole({ role: wish.role, ...this.#given(wish.user, wish.bits) }));
        return;
      case 'updatePrivateMapKey': {
        const privateMapKey = this.#key(wish.user, wish.bits, wish.elsewhere ? 2 : 1);
        this.#asked(seat.updatePrivateMapKey({ privateMapKey }));
        return;
      }
      case 'changeAuthority':
        this.#asked(seat.changeAuthority({ authBits: wish.asks, ...this.#given(wish.user, wish.bits) }));
        return;
      case 'publish': {
        const transportId = this.#transports(wish.user)?.send?.transportId ?? 'none';
        const publishing = { transportId, slot: wish.slot, rtpParameters: rtpParametersFor(wish.slot) };
        this.#asked(seat.publish({ ...publishing, muted: false }));
        return;
      }
      case 'unpublish':
        this.#asked(
          seat.unpublish({ trackId: this.#inRoom(wish.user)?.tracks.get(wish.slot)?.trackId ?? 'none' }),
        );
        return;
      case 'subscribe':
        this.#asked(seat.subscribe({ userId: of, slot: wish.slot }));
        return;
      case 'unsubscribe':
        this.#asked(seat.unsubscribe({ userId: of, slot: wish.slot }));
        return;
      default:
    }
  }

  async #enter(
    change: ModelChange,
    { user, bits, role }: Wish & { readonly what: 'enter' },
  ): Promise<TestMember> {
    const link = new RecordingLink();
    if ('as' in change) this.#links.set(change.as, link);
    const request = this.world.request(user, { bits, role, scene: 'live' });
    return new TestMember(user, link, await this.world.home.enter(request, link));
  }

  /** Who has the seat in the end goes on with it. */
  #seated(change: ModelChange, seating: Promise<TestMember>): void {
    const connection = 'as' in change ? change.as : '';
    const entry = (change.what === 'resume' && change.entry) || connection;
    const seated = seating.then(
      (member) => {
        this.#links.set(connection, member.link);
        if (!member.link.ended) this.#clients.set(change.user, new RaceClient(member, connection, entry));
      },
      (error) => {
        if (error.code !== 'journalUnavailable' || change.what !== 'enter' || change.isShut) return;
        this.unrecorded.push({ what: 'unrecorded', user: change.user, as: connection });
      },
    );
    this.#asked(seated);
  }

  /** Counts who waits for an answer, and says when the wish that was asked for last has got it. */
  #asked(request: Promise<unknown>): void {
    const answered = this.#answered;
    this.unanswered++;
    const settled = (isDone: boolean) => () => {
      this.unanswered--;
      answered(isDone);
    };
    request.then(settled(true), settled(false));
  }

  #changeApplication(settings: Partial<RoomWorldUnderTest['application']>): void {
    const { world } = this;
    world.application = { ...world.application, ...settings };
    this.#asked(world.home.applicationChanged(world.application));
  }

  #key = (user: string, bits: number, roomId = 1): string =>
    this.world.issuer.genPrivateMapKey(user, 300, roomId, bits);

  #given = (user: string, bits: number | undefined) =>
    bits === undefined ? {} : { privateMapKey: this.#key(user, bits) };

  #inRoom(user: string) {
    return this.world.home.rooms.existing()[0]?.roster.find(user);
  }

  #transports(user: string) {
    return this.#inRoom(user)?.transports;
  }

  /** One turn of the event loop, in which nothing may flow whose record is not kept. */
  async turn(): Promise<void> {
    await this.world.settle();
    this.#expectRecorded();
  }

  /** Turns of the event loop until nothing happens any more, also nothing that nobody can see: members may be done one a turn. */
  async quiet(): Promise<void> {
    const most = 3 + 2 * this.users.length;
    let before = '';
    for (let still = 0; still < (this.unanswered > 0 ? most : 3 + most / SLICE); still++) {
      await this.turn();
      let notices = 0;
      for (const link of this.#links.values()) notices += link.notices.length;
      const happened = `${notices} ${this.world.plane.calls.length} ${this.unanswered}`;
      if (happened !== before) still = 0;
      before = happened;
    }
  }

  /** Who is inside, with which permissions. */
  inside(): Record<string, string[]> {
    const inside = [...(this.world.home.rooms.existing()[0]?.roster ?? [])].map(
      ({ userId, effective }) => [userId, permissionsOf(effective)] as const,
    );
    return Object.fromEntries(inside.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The stay of a user who is inside. */
  stayOf(user: string): string | undefined {
    return this.#inRoom(user)?.identity.memberId;
  }

  /** All that exists at the media plane, whether it flows or not. */
  flows(): Flow[] {
    const { tracks, consumers } = this.world.plane;
    const of = (direction: 'send' | 'recv', transportId: string, slot: Slot) => {
      const { user = 'nobody', memberId = '' } = this.#owners.get(transportId) ?? {};
      return [`${memberId} ${direction} ${slot}`, { user, memberId, direction, slot }] as const;
    };
    const sent = [...tracks.values()].map(({ transportId, slot }) => of('send', transportId, slot));
    const received = [...consumers.values()].flatMap(({ transportId, trackId }) => {
      const track = tracks.get(trackId);
      return track ? [of('recv', transportId, track.slot)] : [];
    });
    return [...new Map([...sent, ...received]).values()];
  }

  /** What a record gives is not opened before it is kept. What was there before and was taken meanwhile may still be closing. */
  #expectRecorded(): void {
    const { journal, plane } = this.world;
    const before = this.#seen;
    this.#seen = new Set([...plane.tracks.keys(), ...plane.consumers.keys()]);
    if (!this.#keep) return;
    const given = new Map<string, string[]>();
    for (const { kind, memberId = '', before = 0, after = 0 } of journal.waiting) {
      if (kind !== 'entered' && kind !== 'granted') continue;
      given.set(memberId, [...(given.get(memberId) ?? []), ...namesOf(after & ~before)]);
    }
    if (given.size === 0) return;
    const early = (direction: 'send' | 'recv', transportId: string, slot: Slot | undefined) => {
      const { user, memberId = '' } = this.#owners.get(transportId) ?? {};
      const isEarly = slot && needs[direction][slot].some((name) => given.get(memberId)?.includes(name));
      return isEarly ? [`${user} ${direction} ${slot}`] : [];
    };
    const { tracks, consumers } = plane;
    const isNew = ([id]: readonly [string, unknown]) => !before.has(id);
    const flows = [
      ...[...tracks].filter(isNew).flatMap(([, { transportId, slot }]) => early('send', transportId, slot)),
      ...[...consumers]
        .filter(isNew)
        .flatMap(([, { transportId, trackId }]) => early('recv', transportId, tracks.get(trackId)?.slot)),
    ];
    if (flows.length > 0) expect(flows, `flows before its record is kept, in ${this.told}`).toEqual([]);
  }

  /** Those who have a connection, having read what they were told. */
  get connected(): RaceClient[] {
    const connected = [...this.#clients.values()].filter(({ user }) => this.#isConnected(user));
    for (const client of connected) client.read();
    return connected;
  }

  /** Who was told to be out, and why, by connection. */
  get sentOff(): string[] {
    const told = [...this.#links].flatMap(([connection, link]) =>
      link.told('removed').map(({ reason }) => `${connection} ${reason}`),
    );
    return told.sort();
  }

  /** The consumers of each stay. */
  get consumers(): Map<string, string[]> {
    const consumers = new Map<string, string[]>();
    for (const { transportId, consumerId } of this.world.plane.consumers.values()) {
      const { memberId = '' } = this.#owners.get(transportId) ?? {};
      consumers.set(memberId, [...(consumers.get(memberId) ?? []), consumerId].sort());
    }
    return consumers;
  }

  /** Whether the media plane has opened a track. */
  get open(): (user: string, slot: Slot) => boolean {
    const tracks = [...this.world.plane.tracks.values()];
    const open = new Set(
      tracks.map(({ transportId, slot }) => `${this.#owners.get(transportId)?.user} ${slot}`),
    );
    return (user, slot) => open.has(`${user} ${slot}`);
  }

  /** Whether the client of a user has the seat. */
  #isConnected(user: string): boolean {
    const inRoom = this.#inRoom(user);
    return inRoom !== undefined && inRoom.link === this.#clients.get(user)?.link;
  }

  /** Who has neither connection nor media comes back for both. */
  get stranded(): string[] {
    return this.users.filter((user) => {
      const inRoom = this.#inRoom(user);
      return inRoom && !this.#isConnected(user) && !inRoom.transports.recv;
    });
  }

  /** Clients bring back what they have lost, and are ready for what they are sent. */
  async recover(): Promise<void> {
    this.#answered = () => {};
    for (const [user, { member }] of this.#clients) {
      const inRoom = this.#inRoom(user);
      const { memberId } = member.result;
      if (!inRoom || member.link.ended || inRoom.identity.memberId !== memberId) continue;
      for (const direction of ['send', 'recv'] as const) {
        if (inRoom.transports[direction]) continue;
        const opening = member.open(direction);
        this.#asked(opening.then((transportId) => this.#owners.set(transportId, { user, memberId })));
      }
    }
    await this.quiet();
    for (const [user, { member }] of this.#clients) {
      const inRoom = this.#inRoom(user);
      for (const { slot, trackId, state } of inRoom?.tracks.values() ?? []) {
        const transportId = inRoom?.transports.send?.transportId ?? 'none';
        const publishing = {
          transportId,
          slot,
          rtpParameters: rtpParametersFor(slot),
          muted: false,
          trackId,
        };
        if (state === 'lost') this.#asked(member.seat.publish(publishing));
      }
    }
    await this.quiet();
    for (const [user, client] of this.#clients) {
      if (!this.#isConnected(user)) continue;
      client.read();
      for (const consumerId of client.receives) {
        const isPaused = this.world.plane.consumers.get(consumerId)?.paused;
        if (isPaused) this.#asked(client.member.seat.consumerReady({ consumerId }));
      }
    }
    await this.quiet();
  }

  /** All that exists at the media plane, as lines. */
  media(): string[] {
    const { tracks, consumers } = this.world.plane;
    const flow = (paused: boolean) => (paused ? ' paused' : '');
    const ownerOf = (transportId = '') => this.#owners.get(transportId)?.user;
    const lines = [...tracks.values()].map(
      ({ transportId, slot, paused }) => `${ownerOf(transportId)} sends ${slot}${flow(paused)}`,
    );
    for (const { transportId, trackId, paused } of consumers.values()) {
      const track = tracks.get(trackId);
      const to = ownerOf(transportId) ?? '';
      // Who has no connection cannot say that it is ready.
      const isStill = paused && this.#isConnected(to);
      lines.push(`${to} receives ${track?.slot} of ${ownerOf(track?.transportId)}${flow(isStill)}`);
    }
    return lines.sort();
  }
}
