import { RecordingLink, RoomWorldUnderTest, rtpParametersFor, TestMember } from '@roomkey/testkit';
import { permissionsOf, type Slot, slots } from '@roomkey/tickets/permissions';
import { expect } from 'vitest';
import { type ModelChange, type ModelKey, type User, users, type Wish } from './race-changes.fixture.ts';
import { RoomModel } from './room-model.fixture.ts';

/** All orders of some things. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length < 2) return [[...things]];
  return things.flatMap((first, index) =>
    orders(things.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

/**
 * Room 1 with ana, bob and eve, who do at once what they are told to, beside models of all that the room can be by now:
 * things that are asked for at the same time may happen in any order, and only in one of them.
 */
export class Races {
  readonly world: RoomWorldUnderTest;
  readonly #members = new Map<string, { member: TestMember; connection: string; entry: string }>();
  #models: RoomModel[];
  #connections = 0;
  /** What was asked for last, for who reads a failure. */
  #asked = '';
  #unanswered = 0;
  #release: (() => Promise<void>) | undefined;

  constructor(places: number) {
    this.world = new RoomWorldUnderTest({}, undefined, places);
    this.#models = [new RoomModel(places, this.#second)];
  }

  /** Ana and bob send everything, eve could; everybody receives everything. */
  async begin({ bobHolds = 255 } = {}): Promise<void> {
    for (const user of users)
      await this.#inTurn({ what: 'enter', user, bits: user === 'bob' ? bobHolds : 255, role: 'anchor' });
    await this.#recover();
    for (const user of ['ana', 'bob'] as const)
      for (const slot of slots) await this.#inTurn({ what: 'publish', user, slot });
    await this.#expectMedia();
  }

  /** From now on the media plane opens and acknowledges nothing, until `release`. */
  hold(): void {
    this.#release ??= this.world.plane.hold();
  }

  async release(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    if (!release) return;
    await release();
    await this.#quiet();
    await this.#expectMedia();
  }

  /** Asks for everything before anything is answered, and holds what became of it against the models. */
  async atOnce(wishes: readonly Wish[]): Promise<void> {
    this.#asked = JSON.stringify(wishes);
    const [alone] = wishes.length === 1 && wishes[0]?.what === 'time' ? wishes : [];
    const died = wishes.some(({ what }) => what === 'workerDeath');
    const changes = wishes.map((wish) => {
      // Tickets are signed at the moment at which they are shown.
      const change = this.#named(wish);
      if (wish !== alone) this.#ask(wish, change);
      return change;
    });
    if (alone?.what === 'time') await this.#pass(alone.seconds);
    await this.#quiet();
    const possible = orders(changes).flatMap((order) =>
      this.#models.flatMap((model) => this.#outcomes(model, order, died)),
    );
    this.#models = [...new Map(possible.map((model) => [model.fingerprint, model])).values()];
    this.#narrow('inside', (model) => model.inside, this.#inside());
    this.#expectNothingForbidden();
    if (!this.#release) await this.#expectMedia();
  }

  /** Time as it really passes: what operators took comes back one after another. */
  async #pass(seconds: number): Promise<void> {
    const { clock, restrictions } = this.world;
    for (const end = clock.now() + seconds * 1000; clock.now() < end; ) {
      const next = Math.min(end, restrictions.nextEnd ?? end);
      clock.advance(Math.max(1, next - clock.now()));
      await this.world.settle();
    }
  }

  async #inTurn(wish: Wish): Promise<void> {
    const change = this.#named(wish);
    this.#ask(wish, change);
    for (const model of this.#models) model.apply(change);
    await this.world.settle();
  }

  /** The media plane goes on, and everything is as one of the models says. */
  async end(): Promise<void> {
    await this.release();
    await this.#quiet();
    await this.#expectMedia();
    expect(this.#unanswered, 'requests without an answer').toBe(0);
    const { world } = this;
    await world.home.close();
    world.operator.close();
    world.clock.advance(10_000);
    await world.settle();
    const { transports, tracks, consumers } = world.plane;
    expect([transports.size, tracks.size, consumers.size, world.clock.pending]).toEqual([0, 0, 0, 0]);
  }

  get #second(): number {
    return Math.floor(this.world.clock.now() / 1000);
  }

  /** What a worker takes along that dies while a track is being opened is never published. */
  #outcomes(model: RoomModel, order: readonly ModelChange[], died: boolean): RoomModel[] {
    let all = [model.copy()];
    for (const change of order) {
      const without = died && change.what === 'publish' ? all.map((one) => one.copy()) : [];
      for (const one of all) one.apply(change);
      all = [...all, ...without];
    }
    return all;
  }

  #named(wish: Wish): ModelChange {
    const by = this.#members.get(wish.user)?.connection;
    const key = (bits: number, isOfThisRoom = true): ModelKey => ({
      bits,
      issued: this.#second,
      expires: this.#second + 300,
      isOfThisRoom,
    });
    const as = `connection ${++this.#connections}`;
    switch (wish.what) {
      case 'enter':
        return { ...wish, as, key: key(wish.bits) };
      case 'resume':
        return { ...wish, what: 'resume', as, entry: this.#members.get(wish.user)?.entry };
      case 'switchRole':
        return { ...wish, by, key: wish.bits === undefined ? undefined : key(wish.bits) };
      case 'updatePrivateMapKey':
        return { ...wish, by, key: key(wish.bits, !wish.elsewhere) };
      case 'changeAuthority':
        return { ...wish, by, bits: wish.asks, key: wish.bits === undefined ? undefined : key(wish.bits) };
      case 'publish':
        // Nobody publishes without a transport, which the model does not know.
        return {
          ...wish,
          by: this.#transports(wish.user)?.send?.open ? by : 'nobody',
          of: '',
          isHeld: this.#release !== undefined,
        };
      case 'unpublish':
      case 'subscribe':
      case 'unsubscribe':
        return { ...wish, by, of: wish.user === 'ana' ? 'bob' : 'ana' };
      default:
        return { ...wish, by } as ModelChange;
    }
  }

  #ask(wish: Wish, change: ModelChange): void {
    const { world } = this;
    const { operator, application, clock, plane } = world;
    const { user } = wish;
    const at = { sdkAppId: application.sdkAppId, room: { roomId: 1 }, actor: 'olga' };
    switch (wish.what) {
      case 'enter':
        this.#seated(change, this.#enter(user, wish.bits, wish.role));
        return;
      case 'kick':
        this.#answered(operator.kick({ ...at, userIds: [user] }));
        return;
      case 'ban':
        this.#answered(operator.ban({ ...at, userId: user }));
        return;
      case 'dismiss':
        this.#answered(operator.dismissRoom(at));
        return;
      case 'revoke': {
        const { sdkAppId, room, actor } = at;
        const tickets = { user: { userId: user }, room: { room }, application: 'application' } as const;
        this.#answered(operator.revoke({ sdkAppId, actor, tickets: tickets[wish.whose] }));
        return;
      }
      case 'deny':
      case 'allow': {
        const { bits: mask, seconds } = wish;
        const value = wish.what === 'deny' ? mask : 0;
        this.#answered(operator.setDenied({ ...at, users: { only: [user] }, mask, value, seconds }));
        return;
      }
      case 'control':
        this.#changeApplication({ permissionControl: wish.control });
        return;
      case 'expiryPolicy':
        this.#changeApplication({ expiryPolicy: wish.policy });
        return;
      case 'stalePolicy':
        world.application = { ...world.application, staleKeyPolicy: wish.policy };
        return;
      case 'secretKey': {
        const [key] = world.application.keys;
        if (key && key.state !== 'compromised')
          this.#changeApplication({ keys: [{ ...key, state: wish.state }] });
        else world.home.applicationChanged(world.application);
        return;
      }
      case 'workerDeath':
        plane.losePlace();
        return;
      case 'time':
        clock.advance(wish.seconds * 1000);
        return;
      default:
        this.#askMember(wish, change);
    }
  }

  #askMember(wish: Wish, change: ModelChange): void {
    const member = this.#members.get(wish.user)?.member;
    if (!member) return;
    const { seat } = member;
    const of = 'of' in change ? change.of : '';
    switch (wish.what) {
      case 'resume':
        this.#seated(change, this.world.resume(member));
        return;
      case 'exit':
        this.#answered(seat.exit({}));
        return;
      case 'lose':
        seat.dropped('lost');
        return;
      case 'switchRole':
        this.#answered(seat.switchRole({ role: wish.role, ...this.#given(wish.user, wish.bits) }));
        return;
      case 'updatePrivateMapKey': {
        const privateMapKey = this.#key(wish.user, wish.bits, wish.elsewhere ? 2 : 1);
        this.#answered(seat.updatePrivateMapKey({ privateMapKey }));
        return;
      }
      case 'changeAuthority':
        this.#answered(seat.changeAuthority({ authBits: wish.asks, ...this.#given(wish.user, wish.bits) }));
        return;
      case 'publish': {
        const transportId = this.#transports(wish.user)?.send?.transportId ?? 'none';
        const publishing = { transportId, slot: wish.slot, rtpParameters: rtpParametersFor(wish.slot) };
        this.#answered(seat.publish({ ...publishing, muted: false }));
        return;
      }
      case 'unpublish':
        this.#answered(
          seat.unpublish({ trackId: this.#inRoom(wish.user)?.tracks.get(wish.slot)?.trackId ?? 'none' }),
        );
        return;
      case 'subscribe':
        this.#answered(seat.subscribe({ userId: of, slot: wish.slot }));
        return;
      case 'unsubscribe':
        this.#answered(seat.unsubscribe({ userId: of, slot: wish.slot }));
        return;
      default:
    }
  }

  async #enter(user: User, bits: number, role: 'anchor' | 'audience'): Promise<TestMember> {
    const link = new RecordingLink();
    const request = this.world.request(user, { bits, role, scene: 'live' });
    return new TestMember(user, link, await this.world.home.enter(request, link));
  }

  /** Who has the seat in the end goes on with it. */
  #seated(change: ModelChange, seating: Promise<TestMember>): void {
    this.#unanswered++;
    const connection = 'as' in change ? change.as : '';
    const entry = (change.what === 'resume' && change.entry) || connection;
    seating.then(
      (member) => {
        this.#unanswered--;
        if (!member.link.ended) this.#members.set(change.user, { member, connection, entry });
      },
      () => {
        this.#unanswered--;
      },
    );
  }

  #answered(request: Promise<unknown>): void {
    this.#unanswered++;
    const done = () => {
      this.#unanswered--;
    };
    request.then(done, done);
  }

  #changeApplication(settings: Partial<RoomWorldUnderTest['application']>): void {
    const { world } = this;
    world.application = { ...world.application, ...settings };
    world.home.applicationChanged(world.application);
  }

  #key = (user: User, bits: number, roomId = 1): string =>
    this.world.issuer.genPrivateMapKey(user, 300, roomId, bits);

  #given = (user: User, bits: number | undefined) =>
    bits === undefined ? {} : { privateMapKey: this.#key(user, bits) };

  #inRoom(user: string) {
    return this.world.home.rooms.existing()[0]?.roster.find(user);
  }

  #transports(user: string) {
    return this.#inRoom(user)?.transports;
  }

  async #quiet(): Promise<void> {
    for (let times = 0; times < 3; times++) await this.world.settle();
  }

  #inside(): Record<string, string[]> {
    const inside = [...(this.world.home.rooms.existing()[0]?.roster ?? [])].map(
      ({ userId, effective }) => [userId, permissionsOf(effective)] as const,
    );
    return Object.fromEntries(inside.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Keeps the models that say what is. */
  #narrow<T>(what: string, says: (model: RoomModel) => T, is: T): void {
    const left = this.#models.filter((model) => JSON.stringify(says(model)) === JSON.stringify(is));
    if (left.length === 0) expect(is, `${what} after ${this.#asked}`).toEqual(this.#models.map(says)[0]);
    this.#models = left;
  }

  /** At no time anything flows that no model allows. */
  #expectNothingForbidden(): void {
    const { tracks, consumers } = this.world.plane;
    const forbidden: string[] = [];
    for (const user of users) {
      const { send, recv } = this.#transports(user) ?? {};
      const look = (direction: 'send' | 'recv', slot: Slot) => {
        if (!this.#models.some((model) => model.allows(user, direction, slot)))
          forbidden.push(`${user} ${direction} ${slot}`);
      };
      for (const { transportId, slot, paused } of tracks.values())
        if (!paused && transportId === send?.transportId) look('send', slot);
      for (const { transportId, trackId, paused } of consumers.values()) {
        const slot = tracks.get(trackId)?.slot;
        if (slot && !paused && transportId === recv?.transportId) look('recv', slot);
      }
    }
    if (forbidden.length > 0) expect(forbidden, `flows after ${this.#asked}`).toEqual([]);
  }

  /** Clients bring back what they have lost, and are ready for what they are sent; then everything that is allowed flows, and nothing else exists. */
  async #expectMedia(): Promise<void> {
    await this.#recover();
    for (const model of this.#models) model.recover();
    this.#narrow('media', (model) => model.media, this.#media());
  }

  async #recover(): Promise<void> {
    // Who has neither connection nor media comes back for both.
    for (const user of users) {
      const inRoom = this.#inRoom(user);
      const isAway = inRoom && inRoom.link !== this.#members.get(user)?.member.link;
      if (isAway && !inRoom.transports.recv) await this.#inTurn({ what: 'resume', user });
    }
    for (const [user, { member }] of this.#members) {
      const inRoom = this.#inRoom(user);
      if (!inRoom || member.link.ended || inRoom.identity.memberId !== member.result.memberId) continue;
      for (const direction of ['send', 'recv'] as const)
        if (!inRoom.transports[direction]) this.#answered(member.open(direction));
    }
    await this.#quiet();
    for (const [user, { member }] of this.#members) {
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
        if (state === 'lost') this.#answered(member.seat.publish(publishing));
      }
    }
    await this.#quiet();
    for (const user of this.#members.keys()) {
      const media = this.world.home.rooms.existing()[0];
      const inRoom = this.#inRoom(user);
      const consumers = (inRoom && media?.media.of(inRoom)?.received()) ?? [];
      const seat = this.#members.get(user)?.member.seat;
      for (const { consumerId } of consumers) if (seat) this.#answered(seat.consumerReady({ consumerId }));
    }
    await this.#quiet();
  }

  #media(): string[] {
    const { tracks, consumers } = this.world.plane;
    const owner = new Map<string, string>();
    // Who has no connection cannot say that it is ready.
    const isAway = (user = '') => this.#members.get(user)?.member.link !== this.#inRoom(user)?.link;
    for (const user of users)
      for (const transport of Object.values(this.#transports(user) ?? {}))
        owner.set(transport.transportId, user);
    const flow = (paused: boolean) => (paused ? ' paused' : '');
    const lines = [...tracks.values()].map(
      ({ transportId, slot, paused }) => `${owner.get(transportId)} sends ${slot}${flow(paused)}`,
    );
    for (const { transportId, trackId, paused } of consumers.values()) {
      const track = tracks.get(trackId);
      const from = track && owner.get(track.transportId);
      const to = owner.get(transportId);
      lines.push(`${to} receives ${track?.slot} of ${from}${flow(paused && !isAway(to))}`);
    }
    return lines.sort();
  }
}
