import { slots } from '@roomkey/tickets/permissions';
import { expect } from 'vitest';
import type { EventLoopShare } from '../../event-loop-share.ts';
import { emptyState } from './model-state.fixture.ts';
import { users, type Wish } from './race-changes.fixture.ts';
import type { Flow } from './race-media.fixture.ts';
import { type Asked, Orders } from './race-orders.fixture.ts';
import { type Holding, RaceRoom, SLICE } from './race-room.fixture.ts';
import { RoomModel } from './room-model.fixture.ts';

/** What a test asks for, so many turns of the event loop after what it asked for before. */
export type Timed = Wish & { readonly after?: number };

/** A change of the turn that goes on, and what there was at the media plane when it was answered. */
interface Race extends Asked {
  answer?: {
    /** Not refused. */
    readonly isDone: boolean;
    readonly asked: number;
    readonly answered: number;
    readonly flows: readonly Flow[];
  };
}

/** What nobody gets an answer to. */
const unanswered = ['lose', 'stalePolicy', 'time', 'workerDeath'];

/** What members ask for; the rest is what operators do, and time. */
const ofMembers: readonly Wish['what'][] = [
  'enter',
  'resume',
  'exit',
  'lose',
  'switchRole',
  'updatePrivateMapKey',
  'changeAuthority',
  'publish',
  'unpublish',
  'subscribe',
  'unsubscribe',
];

/** One line for each thing of many, so that a failure shows those alone that differ. */
const linesOf = (many: object): string[] =>
  Object.entries(many).map(([name, one]) => (Array.isArray(many) ? String(one) : `${name}: ${one}`));

/**
 * Room 1 with ana, bob, eve and perhaps many others, who do at once what they are told to, beside models of all that the room
 * can be by now: things that are asked for at the same time may happen in any order, and only in one of them.
 */
export class Races {
  readonly #room: RaceRoom;
  #models: readonly RoomModel[];
  /** What is asked for in this turn. */
  #races: Race[] = [];

  /**
   * At most `places` members may send; `others` are inside beside ana, bob and eve; `share` says what one turn of the
   * event loop does.
   */
  constructor(places: number, others: readonly string[] = [], share?: EventLoopShare) {
    this.#room = new RaceRoom(places, [...users, ...others], share);
    this.#models = [new RoomModel(emptyState(places, this.#room.second))];
  }

  /** Ana and bob send everything, eve could; everybody receives everything. */
  async begin({ bobHolds = 255 } = {}): Promise<void> {
    for (const user of users)
      await this.#inTurn({ what: 'enter', user, bits: user === 'bob' ? bobHolds : 255, role: 'anchor' });
    await this.#recover();
    for (const user of ['ana', 'bob'] as const)
      for (const slot of slots) await this.#inTurn({ what: 'publish', user, slot });
    await this.#expectAll();
  }

  /**
   * Everybody enters, every third one to watch, with keys that hold `bits` in turn; the second half has tickets of another secret
   * key. Ana and bob send something.
   */
  async beginLarge(bits: readonly number[]): Promise<void> {
    for (const [index, user] of this.#room.clients.users.entries()) {
      if (index === Math.floor(this.#room.clients.users.length / 2))
        await this.#inTurn({ what: 'newSecretKey', user: 'olga' });
      const role = index % 3 === 2 ? 'audience' : 'anchor';
      await this.#inTurn({ what: 'enter', user, bits: bits[index % bits.length] ?? 255, role });
    }
    await this.#recover();
    for (const slot of ['microphone', 'screen'] as const)
      await this.#inTurn({ what: 'publish', user: 'ana', slot });
    await this.#inTurn({ what: 'publish', user: 'bob', slot: 'camera' });
    await this.#expectAll();
  }

  /** Where so few are left that one slice is enough for them, the others come in again, as far as they may. */
  async refill(): Promise<void> {
    const inside = this.#room.inside();
    if (Object.keys(inside).length > SLICE) return;
    await this.holding({ media: 'free', journal: 'free' });
    this.#room.world.clock.advance(1000);
    for (const model of this.#models) model.apply({ what: 'time', user: '', seconds: 1 });
    if (this.#room.world.application.keys[0]?.state !== 'active')
      await this.#inTurn({ what: 'newSecretKey', user: 'olga' });
    for (const user of this.#room.clients.users)
      if (!inside[user]) await this.#inTurn({ what: 'enter', user, bits: 255, role: 'anchor' });
    await this.#expectAll();
  }

  /** Says what the media plane and the journal do from now on; what they held goes on as far as they are free. */
  async holding(holding: Holding): Promise<void> {
    const room = this.#room;
    await room.holding(holding);
    for (const change of room.clients.unrecorded.splice(0))
      for (const model of this.#models) model.apply(change);
    await this.#expectWhatIs();
  }

  /**
   * Asks for everything, each so many turns of the event loop after the one before whatever is answered by then, and holds what
   * became of it against the models.
   */
  async atOnce(wishes: readonly Timed[]): Promise<void> {
    const room = this.#room;
    room.told = JSON.stringify({ isHeld: room.isHeld, wishes });
    this.#races = [];
    for (const wish of wishes) {
      if (wish.after) await this.#later(wish.after);
      // Tickets are signed at the moment at which they are shown.
      const change = room.clients.named(wish);
      const race: Race = { change, behind: this.#answered };
      this.#races.push(race);
      // A member is told of its own stay alone; what others, or an earlier stay, lost may be closing still.
      const concerns = ({ memberId }: Flow) =>
        !ofMembers.includes(wish.what) || memberId === room.stayOf(wish.user);
      room.clients.ask(wish, change, (isDone) =>
        this.#answer(race, isDone, isDone ? room.media.flows().filter(concerns) : []),
      );
      if (wish.what === 'time') await room.pass(wish.seconds);
    }
    await room.quiet();
    const orders = new Orders(this.#models, this.#races);
    this.#models = orders.end;
    for (const race of this.#races) this.#expectDone(race, orders);
    this.#races = [];
    await this.#expectWhatIs();
  }

  /** Everything goes on, and everything is as one of the models says. */
  async end(): Promise<void> {
    await this.holding({ media: 'free', journal: 'free' });
    expect(this.#room.clients.unanswered, 'requests without an answer').toBe(0);
    const { world } = this.#room;
    await world.home.close();
    world.operator.close();
    world.clock.advance(10_000);
    await this.#room.quiet();
    const { transports, tracks, consumers } = world.plane;
    expect([transports.size, tracks.size, consumers.size, world.clock.pending]).toEqual([0, 0, 0, 0]);
  }

  /** Turns later, what nobody answers has happened. */
  async #later(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await this.#room.turn();
    for (const race of this.#races) if (unanswered.includes(race.change.what)) this.#answer(race, true, []);
  }

  /** The changes of this turn that are answered, as a set. */
  get #answered(): number {
    return this.#races.reduce((set, { answer }, index) => (answer ? set | (1 << index) : set), 0);
  }

  /** An answer that comes after its turn tells nothing; a refusal promises nothing of what is closed. */
  #answer(race: Race, isDone: boolean, flows: readonly Flow[]): void {
    const index = this.#races.indexOf(race);
    if (index < 0 || race.answer) return;
    const done = this.#races.reduce((set, { answer }, at) => (answer?.isDone ? set | (1 << at) : set), 0);
    race.answer = { isDone, asked: 2 ** this.#races.length - 1, answered: done | (1 << index), flows };
  }

  async #inTurn(wish: Wish): Promise<void> {
    const change = this.#room.clients.named(wish);
    this.#room.clients.ask(wish, change);
    for (const model of this.#models) model.apply(change);
    await this.#room.world.settle();
  }

  /** Keeps the models that say what is. */
  #narrow<T extends object>(what: string, says: (model: RoomModel) => T, is: T): void {
    const text = JSON.stringify(is);
    const left = this.#models.filter((model) => JSON.stringify(says(model)) === text);
    const [model] = this.#models;
    if (left.length === 0 && model) {
      const [more, less] = [linesOf(is), linesOf(says(model))];
      const differs = [
        more.filter((line) => !less.includes(line)),
        less.filter((line) => !more.includes(line)),
      ];
      expect(differs, `${what} is and should be, after ${this.#room.told}`).toEqual([[], []]);
    }
    this.#models = left;
  }

  /** When a change is answered, nothing is left that none of the models has that have gone through it. */
  #expectDone({ answer }: Race, orders: Orders): void {
    if (!answer || answer.flows.length === 0) return;
    const models = orders.between(answer.answered, answer.asked);
    this.#expectAllowed(models, answer.flows, 'is left at the answer of one of');
  }

  #expectAllowed(models: readonly RoomModel[], flows: readonly Flow[], what: string): void {
    const forbidden = flows.filter(
      ({ user, direction, slot }) => !models.some((model) => model.allows(user, direction, slot)),
    );
    if (forbidden.length > 0) expect(forbidden, `${what} ${this.#room.told}`).toEqual([]);
  }

  /** Who is inside with what, and that nothing exists that is not allowed; all the rest where nothing is held. */
  async #expectWhatIs(): Promise<void> {
    this.#narrow('inside', (model) => model.inside, this.#room.inside());
    this.#expectAllowed(this.#models, this.#room.media.flows(), 'exists after');
    if (!this.#room.isHeld) await this.#expectAll();
    // Of a track that the media plane has not opened yet nobody knows.
    else for (const model of this.#models) model.opened(this.#room.media.open);
  }

  async #recover(): Promise<void> {
    for (const user of this.#room.clients.stranded) await this.#inTurn({ what: 'resume', user });
    await this.#room.recover();
  }

  /** Clients bring back what they have lost, and are ready for what they are sent; then everything that is allowed flows, nothing else exists, and everybody knows it. */
  async #expectAll(): Promise<void> {
    await this.#recover();
    for (const model of this.#models) model.recover();
    this.#narrow('inside', (model) => model.inside, this.#room.inside());
    this.#narrow(
      'media',
      (model) => model.media,
      this.#room.media.lines((user) => this.#room.clients.isConnected(user)),
    );
    this.#expectTold();
  }

  /** Everybody inside who has a connection knows what it may do, whom it sees and what it receives; who was sent off knows why. */
  #expectTold(): void {
    const inside = this.#room.inside();
    const { connected } = this.#room.clients;
    const { consumers } = this.#room.media;
    this.#narrow('sent off', (model) => model.sentOff, this.#room.clients.sentOff);
    const sees = (seen: readonly string[], user: string) =>
      seen.filter((line) => line !== user && !line.startsWith(`${user} `));
    // Nobody sees itself: two together see everybody.
    for (const client of connected.slice(0, 2))
      this.#narrow('seen', (model) => sees(model.seen, client.user), client.sees);
    const [model] = this.#models;
    for (const client of connected) {
      const { user, memberId } = client;
      const knows = [client.permissions, client.sees, client.receives];
      const is = [inside[user], sees(model?.seen ?? [], user), consumers.get(memberId) ?? []];
      if (JSON.stringify(knows) !== JSON.stringify(is))
        expect(knows, `what ${user} knows after ${this.#room.told}`).toEqual(is);
    }
    for (const { user, link } of connected) {
      const isAsked = this.#models.every(({ asked }) => asked.includes(user));
      if (isAsked) expect(link.told('keyRequired'), `asked of ${user}`).not.toEqual([]);
    }
  }
}
