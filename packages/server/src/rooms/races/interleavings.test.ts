import type { Notice, TrackWire } from '@roomkey/protocol';
import { RoomWorldUnderTest, rtpParametersFor, type TestMember } from '@roomkey/testkit';
import { type Slot, slots } from '@roomkey/tickets/permissions';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const users = ['ana', 'bob', 'eve'] as const;

/** Written from the documents: what sending into a slot and receiving from it take. */
const needs = {
  microphone: { send: 4, recv: 8 },
  camera: { send: 16, recv: 32 },
  screen: { send: 64, recv: 128 },
  screenAudio: { send: 64 + 4, recv: 128 + 8 },
};
const allMedia = 255 - 1 - 2;
const allows = (bits: number, need: number): boolean => (bits & need) === need;

/** Everything that can happen to a room, and how often beside the others. */
const happenings = {
  enter: 1,
  exit: 1,
  drop: 1,
  lose: 3,
  resume: 4,
  loseAnswer: 1,
  openSend: 3,
  openRecv: 2,
  losePlace: 1,
  loseTransport: 2,
  publish: 8,
  publishMuted: 2,
  comeBack: 4,
  unpublish: 2,
  mute: 2,
  unmute: 2,
  exceedBitrate: 1,
  subscribe: 2,
  unsubscribe: 2,
  hold: 1,
  release: 2,
  settle: 8,
  second: 1,
  tenSeconds: 2,
  ready: 6,
  newKey: 6,
  changeAuthority: 4,
  deny: 4,
  giveBack: 3,
  kick: 1,
};

/** One of them: to whom, in which slot, and with which bits somebody enters. */
interface Step {
  readonly what: string;
  readonly user: (typeof users)[number];
  readonly slot: Slot;
  readonly bits: number;
}

const steps = fc.array(
  fc.record<Step>({
    what: fc.oneof(
      ...Object.entries(happenings).map(([what, weight]) => ({ arbitrary: fc.constant(what), weight })),
    ),
    user: fc.constantFrom(...users),
    slot: fc.constantFrom(...slots),
    bits: fc.oneof(
      fc.constant(255),
      fc.integer({ min: 0, max: 255 }).map((bits) => bits | 3),
    ),
  }),
  { minLength: 20, maxLength: 80 },
);

/** What a member may do by the tickets and requests that were accepted: worked out apart from the rooms. */
interface Model {
  held: number;
  authority: number;
}

/** Members who do what the steps say, and what became of their requests. */
class Crowd {
  /** Seats are kept for longer than everything here takes. */
  readonly world = new RoomWorldUnderTest({ seatSeconds: 1000 });
  readonly inside = new Map<string, TestMember>();
  readonly models = new Map<string, Model>();
  /** What operators have taken from a user, inside or not. */
  readonly #denied = new Map<string, number>();
  /** Members whose connection is lost, or superseded by one that brought no answer: nobody hears what they ask. */
  readonly #lost = new Set<TestMember>();
  unanswered = 0;
  /** The last track of each user and slot, as its publisher was told. */
  readonly #published = new Map<string, string>();
  #release: (() => Promise<void>) | undefined;

  async happen({ what, user, slot, bits }: Step): Promise<void> {
    const { world, inside } = this;
    const { plane, clock } = world;
    if (what === 'enter') {
      // The answer to an entry that replaces another waits for the media plane.
      if (inside.has(user)) await this.release();
      inside.set(user, await world.enter(user, { bits }));
      this.models.set(user, { held: bits, authority: 255 });
    }
    if (what === 'settle') await world.settle();
    if (what === 'losePlace') plane.losePlace();
    if (what === 'hold') this.#release ??= plane.hold();
    if (what === 'release') await this.release();
    if (what === 'second') clock.advance(1000);
    if (what === 'tenSeconds') clock.advance(10_000);
    if (what === 'deny' || what === 'giveBack') await this.#deny(user, bits, what === 'deny');
    if (what === 'kick') this.#kick(user);
    if (what === 'resume' || what === 'loseAnswer') await this.resume(user, what === 'loseAnswer');
    const member = inside.get(user);
    if (member) this.#act(member, what, slot);
    if (member) this.#change(member, what, bits);
    this.expectOnlyWhatIsAllowed();
  }

  /** Also of a member who has a connection: the server may not know yet that it is lost. */
  async resume(user: string, isAnswerLost = false): Promise<void> {
    const before = this.inside.get(user);
    if (!before) return;
    const back = await this.world.resume(before);
    if (isAnswerLost) back.seat.dropped('lost');
    if (isAnswerLost) this.#lost.add(before);
    else this.inside.set(user, back);
  }

  /** What the model says that a member may do now. */
  allowed(userId: string): number {
    const { held, authority } = this.models.get(userId) ?? { held: 0, authority: 0 };
    return held & authority & ~(this.#denied.get(userId) ?? 0);
  }

  async #deny(user: string, bits: number, taken: boolean): Promise<void> {
    const { operator, application } = this.world;
    // Who may not enter or create is another matter.
    const mask = bits & allMedia;
    if (mask === 0) return;
    const asked = {
      sdkAppId: application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
      mask,
    };
    this.#ask(operator.setDenied({ ...asked, users: { only: [user] }, value: taken ? mask : 0 }));
    const before = this.#denied.get(user) ?? 0;
    this.#denied.set(user, taken ? before | mask : before & ~mask);
    // It is in force as soon as the store has it, which takes no time here.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  #kick(user: string): void {
    const { operator, application } = this.world;
    const where = {
      sdkAppId: application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
    };
    this.#ask(operator.kick({ ...where, userIds: [user] }));
    this.inside.delete(user);
  }

  #change(member: TestMember, what: string, bits: number): void {
    const { seat, link, userId } = member;
    const isHeard = !this.#lost.has(member);
    const model = this.models.get(userId);
    if (!model) return;
    if (what === 'ready') {
      for (const { consumerId } of link.told('consumerOpened')) this.#ask(seat.consumerReady({ consumerId }));
    }
    if (what === 'newKey') {
      this.#ask(
        seat.updatePrivateMapKey({ privateMapKey: this.world.issuer.genPrivateMapKey(userId, 300, 1, bits) }),
      );
      if (isHeard) model.held = bits;
    }
    if (what === 'changeAuthority') {
      this.#ask(seat.changeAuthority({ authBits: bits }));
      if (isHeard && allows(model.held | 3, bits)) model.authority = bits | 3;
    }
  }

  /** Nothing flows that is not allowed; with `settled`, nothing even exists. */
  expectOnlyWhatIsAllowed({ settled = false } = {}): void {
    const { tracks, consumers } = this.world.plane;
    for (const { userId, transports } of this.inside.values()) {
      const bits = this.allowed(userId);
      const sent = [...tracks.values()].filter(({ transportId }) => transportId === transports.send);
      for (const { slot, paused } of sent)
        if (settled || !paused) expect(allows(bits, needs[slot].send), `send ${slot}`).toBe(true);
      const received = [...consumers.values()].filter(({ transportId }) => transportId === transports.recv);
      for (const { trackId, paused } of received) {
        const slot = tracks.get(trackId)?.slot;
        if (slot && (settled || !paused)) expect(allows(bits, needs[slot].recv), `recv ${slot}`).toBe(true);
      }
    }
  }

  async release(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    await release?.();
  }

  #act(member: TestMember, what: string, slot: Slot): void {
    const { seat, transports, userId } = member;
    const other = users.find((user) => user !== userId) ?? '';
    const transportId = transports.send ?? 'none';
    const trackId = this.#published.get(`${userId} ${slot}`) ?? 'none';
    const publishing = { transportId, slot, rtpParameters: rtpParametersFor(slot), muted: false };
    if (what === 'openSend') this.#ask(member.open('send'));
    if (what === 'openRecv') this.#ask(member.open('recv'));
    const keep = ({ trackId: made }: { trackId: string }) => this.#published.set(`${userId} ${slot}`, made);
    if (what === 'publish') this.#ask(seat.publish(publishing).then(keep));
    if (what === 'publishMuted') this.#ask(seat.publish({ ...publishing, muted: true }).then(keep));
    if (what === 'comeBack') this.#ask(seat.publish({ ...publishing, trackId }));
    if (what === 'unpublish') this.#ask(seat.unpublish({ trackId }));
    if (what === 'mute') this.#ask(seat.setMuted({ trackId, muted: true }));
    if (what === 'unmute') this.#ask(seat.setMuted({ trackId, muted: false }));
    if (what === 'subscribe') this.#ask(seat.subscribe({ userId: other, slot }));
    if (what === 'unsubscribe') this.#ask(seat.unsubscribe({ userId: other, slot }));
    if (what === 'loseTransport') this.world.plane.loseTransport(transportId);
    if (what === 'exceedBitrate')
      this.world.plane.exceedBitrate([...this.world.plane.tracks.keys()].at(-1) ?? '');
    if (what === 'lose') {
      seat.dropped('lost');
      this.#lost.add(member);
    }
    // Over a connection that is lost nobody leaves.
    if (what !== 'exit' && what !== 'drop') return;
    if (what === 'exit') this.#ask(seat.exit({}));
    else seat.dropped('left');
    this.#left(member);
  }

  #left(member: TestMember): void {
    const { world, inside } = this;
    const { memberId } = member.result;
    const isInside = world.home.rooms
      .existing()
      .some(({ roster }) => [...roster].some(({ identity }) => identity.memberId === memberId));
    if (!isInside && inside.get(member.userId) === member) inside.delete(member.userId);
  }

  #ask(request: Promise<unknown>): void {
    this.unanswered++;
    const answered = () => {
      this.unanswered--;
    };
    request.then(answered, answered);
  }
}

/** What a member knows of the tracks of others, from all that it was told. */
function known({ result, link }: TestMember): Map<string, string> {
  const tracks = new Map<string, TrackWire & { readonly userId: string }>();
  for (const { userId, tracks: had } of result.members)
    for (const track of had) tracks.set(track.trackId, { ...track, userId });
  for (const { method, params } of link.notices as Notice[]) {
    if (method === 'trackAdded') tracks.set(params.track.trackId, { ...params.track, userId: params.userId });
    if (method === 'trackRemoved') expect(tracks.delete(params.trackId), 'removes what was there').toBe(true);
    if (method === 'trackMuted') {
      const track = tracks.get(params.trackId);
      if (track) tracks.set(params.trackId, { ...track, muted: params.muted });
    }
    if (method === 'memberLeft')
      for (const [id, { userId }] of tracks) if (userId === params.userId) tracks.delete(id);
  }
  const lines = [...tracks].map(
    ([id, { userId, slot, muted }]) => [id, `${userId} ${slot} ${muted}`] as const,
  );
  return new Map(lines.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The consumers that a member knows of and was not told the end of. */
function receiving({ result, link }: TestMember): string[] {
  const had = 'consumers' in result ? result.consumers : [];
  const closed = new Set(link.told('consumerClosed').map(({ consumerId }) => consumerId));
  return [...had, ...link.told('consumerOpened')]
    .map(({ consumerId }) => consumerId)
    .filter((id) => !closed.has(id));
}

test('whatever happens in whatever order, everybody knows what is, and nothing is left at the end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (happened) => {
      const crowd = new Crowd();
      const { world, inside } = crowd;
      for (const user of users) {
        await crowd.happen({ what: 'enter', user, slot: 'camera', bits: 255 });
        for (const what of ['openSend', 'openRecv'])
          await crowd.happen({ what, user, slot: 'camera', bits: 255 });
      }
      await world.settle();
      for (const step of happened) await crowd.happen(step);
      await crowd.release();
      world.clock.advance(1000);
      for (let times = 0; times < 5; times++) await world.settle();
      for (const user of inside.keys()) await crowd.resume(user);
      for (let times = 0; times < 5; times++) await world.settle();

      expect(crowd.unanswered).toBe(0);
      crowd.expectOnlyWhatIsAllowed({ settled: true });
      const { plane } = world;
      for (const { trackId, transportId } of plane.consumers.values())
        expect([plane.tracks.has(trackId), plane.transports.has(transportId)]).toEqual([true, true]);
      expect([...inside.values()].flatMap(receiving).sort()).toEqual([...plane.consumers.keys()].sort());
      for (const { userId, link, result } of inside.values()) {
        const told = link.told('permissionChanged').at(-1)?.after ?? result.explanation.effective;
        expect(told).toBe(crowd.allowed(userId));
      }
      const truth = known(await world.enter('newcomer'));
      for (const member of inside.values()) {
        const others = [...truth].filter(([, line]) => !line.startsWith(`${member.userId} `));
        expect([...known(member)]).toEqual(others);
      }

      await world.home.close();
      world.operator.close();
      world.clock.advance(10_000);
      await world.settle();
      expect([plane.transports.size, plane.tracks.size, plane.consumers.size]).toEqual([0, 0, 0]);
      expect([world.home.counts().rooms, world.clock.pending]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
}, 60_000);
