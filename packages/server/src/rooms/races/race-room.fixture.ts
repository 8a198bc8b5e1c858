import { RoomWorldUnderTest } from '@roomkey/testkit';
import { permissionsOf } from '@roomkey/tickets/permissions';
import { expect } from 'vitest';
import type { EventLoopShare } from '../../event-loop-share.ts';
import { StoreError } from '../../ports/index.ts';
import { RaceClients } from './race-clients.fixture.ts';
import { RaceMedia } from './race-media.fixture.ts';

/** What the media plane and the journal do with what they are asked for: all of it, some of it, or nothing yet. */
export interface Holding {
  readonly media: 'free' | 'some' | 'held';
  /** `refused` as by a disk that is slow or full: it is tried again when it is free. */
  readonly journal: 'free' | 'some' | 'held' | 'refused';
}

/** Members for whom a room does something in one turn of the event loop. */
export const SLICE = 25;

/** Openings, or records, that go on where some do. */
const SOME = 7;

const slow = new StoreError('failed', 'The disk takes too long.');

/** Room 1 with its clients, who ask for what they are told to. */
export class RaceRoom {
  readonly world: RoomWorldUnderTest;
  readonly media: RaceMedia;
  readonly clients: RaceClients;
  /** What was asked for last, for who reads a failure. */
  told = '';
  #letGo: ((count?: number) => Promise<void>) | undefined;
  #keep: (() => void) | undefined;

  /** At most `places` members may send; `share` says what one turn of the event loop does. */
  constructor(places: number, users: readonly string[], share?: EventLoopShare) {
    this.world = new RoomWorldUnderTest({ maxSendersPerRoom: places, share });
    this.media = new RaceMedia(this.world);
    this.clients = new RaceClients(this.world, this.media, users);
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

  /** One turn of the event loop, in which nothing may flow whose record is not kept. */
  async turn(): Promise<void> {
    await this.world.settle();
    const early = this.media.early();
    if (this.#keep && early.length > 0)
      expect(early, `flows before its record is kept, in ${this.told}`).toEqual([]);
  }

  /** Turns of the event loop until nothing happens any more, also nothing that nobody can see: members may be done one a turn. */
  async quiet(): Promise<void> {
    const { clients } = this;
    const most = 3 + 2 * clients.users.length;
    let before = '';
    for (let still = 0; still < (clients.unanswered > 0 ? most : 3 + most / SLICE); still++) {
      await this.turn();
      const happened = `${clients.told} ${this.world.plane.calls.length} ${clients.unanswered}`;
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
    return this.clients.inRoom(user)?.identity.memberId;
  }

  /** Clients bring back what they have lost, and are ready for what they are sent. */
  async recover(): Promise<void> {
    this.clients.openTransports();
    await this.quiet();
    this.clients.republish();
    await this.quiet();
    this.clients.beReady();
    await this.quiet();
  }
}
