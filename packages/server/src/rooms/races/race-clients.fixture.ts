import { RecordingLink, type RoomWorldUnderTest, rtpParametersFor, TestMember } from '@roomkey/testkit';
import type { ModelChange, ModelKey, Wish } from './race-changes.fixture.ts';
import { RaceClient } from './race-client.fixture.ts';
import type { RaceMedia } from './race-media.fixture.ts';

/** The clients of room 1, and its operator, who ask for what they are told to. */
export class RaceClients {
  readonly users: readonly string[];
  /** Requests without an answer. */
  unanswered = 0;
  /** Entries that were refused because their records were not kept in time. */
  readonly unrecorded: ModelChange[] = [];
  readonly #world: RoomWorldUnderTest;
  readonly #media: RaceMedia;
  /** Who has, or had, a seat, by user. */
  readonly #clients = new Map<string, RaceClient>();
  /** Every connection there was. */
  readonly #links = new Map<string, RecordingLink>();
  #connections = 0;
  #answered: (isDone: boolean) => void = () => {};

  constructor(world: RoomWorldUnderTest, media: RaceMedia, users: readonly string[]) {
    this.#world = world;
    this.#media = media;
    this.users = users;
  }

  /** What a wish would change if it was asked for now. */
  named(wish: Wish): ModelChange {
    const by = this.#clients.get(wish.user)?.connection;
    const signedBy = this.#world.application.keys[0]?.keyId ?? '';
    const key = (bits: number, isOfThisRoom = true): ModelKey => ({
      bits,
      issued: this.#second,
      expires: this.#second + 300,
      isOfThisRoom,
      signedBy,
    });
    const as = `connection ${++this.#connections}`;
    switch (wish.what) {
      case 'enter':
        return { ...wish, as, key: key(wish.bits), isShut: !this.#world.journal.available };
      case 'resume':
        return { ...wish, what: 'resume', as, entry: this.#clients.get(wish.user)?.entry };
      case 'switchRole':
        return { ...wish, by, key: wish.bits === undefined ? undefined : key(wish.bits) };
      case 'updatePrivateMapKey':
        return { ...wish, by, key: key(wish.bits, !wish.elsewhere) };
      case 'deny':
      case 'allow':
        return { ...wish, isShut: !this.#world.journal.available };
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
    return this.#world.application.keys.findLast(({ state }) => state !== 'compromised');
  }

  /** Asks for a wish, which is a change by name; `answered` is told when it is answered, and whether it was done. */
  ask(wish: Wish, change: ModelChange, answered: (isDone: boolean) => void = () => {}): void {
    this.#answered = answered;
    const world = this.#world;
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
        this.#seated(change, this.#world.resume(member));
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
          seat.unpublish({ trackId: this.inRoom(wish.user)?.tracks.get(wish.slot)?.trackId ?? 'none' }),
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
    const request = this.#world.request(user, { bits, role, scene: 'live' });
    return new TestMember(user, link, await this.#world.home.enter(request, link));
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
    const world = this.#world;
    world.application = { ...world.application, ...settings };
    this.#asked(world.home.applicationChanged(world.application));
  }

  #key = (user: string, bits: number, roomId = 1): string =>
    this.#world.issuer.genPrivateMapKey(user, 300, roomId, bits);

  #given = (user: string, bits: number | undefined) =>
    bits === undefined ? {} : { privateMapKey: this.#key(user, bits) };

  /** A user who is inside, as the room knows it. */
  inRoom(user: string) {
    return this.#world.home.rooms.existing()[0]?.roster.find(user);
  }

  #transports(user: string) {
    return this.inRoom(user)?.transports;
  }

  /** Those who have a connection, having read what they were told. */
  get connected(): RaceClient[] {
    const connected = [...this.#clients.values()].filter(({ user }) => this.isConnected(user));
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

  /** Whether the client of a user has the seat. */
  isConnected(user: string): boolean {
    const inRoom = this.inRoom(user);
    return inRoom !== undefined && inRoom.link === this.#clients.get(user)?.link;
  }

  /** Who has neither connection nor media comes back for both. */
  get stranded(): string[] {
    return this.users.filter((user) => {
      const inRoom = this.inRoom(user);
      return inRoom && !this.isConnected(user) && !inRoom.transports.recv;
    });
  }

  /** How much was told over all connections. */
  get told(): number {
    let notices = 0;
    for (const link of this.#links.values()) notices += link.notices.length;
    return notices;
  }

  /** Unix seconds. */
  get #second(): number {
    return Math.floor(this.#world.clock.now() / 1000);
  }

  /** Opens the transports that are missing. */
  openTransports(): void {
    this.#answered = () => {};
    for (const [user, { member }] of this.#clients) {
      const inRoom = this.inRoom(user);
      const { memberId } = member.result;
      if (!inRoom || member.link.ended || inRoom.identity.memberId !== memberId) continue;
      for (const direction of ['send', 'recv'] as const) {
        if (inRoom.transports[direction]) continue;
        const opening = member.open(direction);
        this.#asked(opening.then((transportId) => this.#media.own(transportId, user, memberId)));
      }
    }
  }

  /** Publishes the tracks anew that were lost. */
  republish(): void {
    for (const [user, { member }] of this.#clients) {
      const inRoom = this.inRoom(user);
      for (const { slot, trackId, state } of inRoom?.tracks.values() ?? []) {
        const transportId = inRoom?.transports.send?.transportId ?? 'none';
        const rtpParameters = rtpParametersFor(slot);
        const publishing = { transportId, slot, rtpParameters, muted: false, trackId };
        if (state === 'lost') this.#asked(member.seat.publish(publishing));
      }
    }
  }

  /** Is ready for everything that is received. */
  beReady(): void {
    for (const client of this.connected) {
      for (const consumerId of client.receives) {
        const isPaused = this.#world.plane.consumers.get(consumerId)?.paused;
        if (isPaused) this.#asked(client.member.seat.consumerReady({ consumerId }));
      }
    }
  }
}
