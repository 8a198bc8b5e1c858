import { type Params, roomKey, ServiceError } from '@roomkey/protocol';
import { EndedSeats } from './ended-seats.ts';
import { requestedRoom } from './entry.ts';
import { recorded } from './journal.ts';
import { MemberSeat } from './member-seat.ts';
import { OpeningLanes } from './opening-lanes.ts';
import type { Application, Applications, MediaEvents, MediaPlace, MemberLink } from './ports.ts';
import { Refusals } from './refusals.ts';
import { Room, type RoomWorld } from './room.ts';
import type { Home, Seat } from './seat.ts';

/** Numbers of what is going on. */
export interface HomeCounts {
  readonly rooms: number;
  readonly members: number;
  readonly tracks: number;
}

/** Names a room among all rooms of all applications. */
const nameOf = (sdkAppId: number, key: string): string => `${sdkAppId}/${key}`;

/** The home of all rooms of this process. */
export class RoomHome implements Home, MediaEvents {
  readonly #applications: Applications;
  readonly #world: RoomWorld;
  readonly #rooms = new Map<string, Room>();
  readonly #endedSeats: EndedSeats;
  readonly #refusals: Refusals;
  #closing = false;

  constructor(applications: Applications, world: Omit<RoomWorld, 'lanes'>) {
    this.#applications = applications;
    this.#world = { ...world, lanes: new OpeningLanes() };
    this.#endedSeats = new EndedSeats(world.clock, world.seatSeconds);
    this.#refusals = new Refusals(world.journal, world.clock);
    world.plane.listen(this);
  }

  async enter(request: Params<'enter'>, link: MemberLink) {
    const { sdkAppId } = request;
    return this.#counted(sdkAppId, async () => {
      this.#application(sdkAppId);
      const room = this.#room(sdkAppId, request);
      const { member, result, recording, left } = await room.mailbox.run(() =>
        this.#admit(room, request, link),
      );
      try {
        await Promise.all([recorded([recording]), left && room.acknowledged([left])]);
      } catch (error) {
        await room.mailbox.run(() => room.leave(member, 'removed', 'journalUnavailable'));
        throw error;
      }
      const seat: Seat = new MemberSeat(room, member, link);
      return { seat, result };
    });
  }

  async resume(request: Params<'resume'>, link: MemberLink) {
    const { sdkAppId, memberId, secret } = request;
    const done = this.#world.changeTimer('resume');
    return this.#counted(sdkAppId, async () => {
      const room = this.find(sdkAppId, roomKey(requestedRoom(request)));
      const resumed = await room?.mailbox.run(() => room.seats.resume(request, link));
      if (!room || !resumed) {
        const removed = this.#endedSeats.why(memberId, secret);
        throw new ServiceError('resumeRefused', undefined, { data: { removed } });
      }
      const { member, result, changed } = resumed;
      this.#world.observer.resumed(room.name, member.userId);
      if (changed) {
        await room.acknowledged([member.place], [member]);
        done();
      }
      const seat: Seat = new MemberSeat(room, member, link);
      return { seat, result };
    });
  }

  placeLost(place: MediaPlace): void {
    for (const room of this.#rooms.values()) void room.mailbox.run(() => room.placeLost(place));
  }

  transportLost(transportId: string): void {
    for (const room of this.#rooms.values()) {
      void room.mailbox.run(() => {
        const isOf = ({ transports }: (typeof room.members)[number]) =>
          Object.values(transports).some((transport) => transport.transportId === transportId);
        const member = room.members.find(isOf);
        if (member) room.loseMedia([member]);
      });
    }
  }

  bitrateExceeded(mediaId: string): void {
    for (const room of this.#rooms.values()) {
      void room.mailbox.run(() => {
        for (const member of room.members) {
          for (const track of member.tracks.values()) {
            if (track.opening.mediaId === mediaId) room.publications.bitrateExceeded(member, track);
          }
        }
      });
    }
  }

  /** An application's keys, permission control or policies have changed: its running rooms follow. Resolves when the media engine has. */
  async applicationChanged(application: Application): Promise<void> {
    const done = this.#world.changeTimer('application');
    const rooms = [...this.#rooms.values()].filter(({ sdkAppId }) => sdkAppId === application.sdkAppId);
    const followed = rooms.map((room) =>
      room.mailbox.run(() => {
        const places = room.mediaPlaces;
        room.changes.applicationChanged(application);
        return room.acknowledged(places, room.members);
      }),
    );
    await Promise.all(followed);
    done();
  }

  /** A room that exists, by its room key text. */
  find(sdkAppId: number, key: string): Room | undefined {
    const room = this.#rooms.get(nameOf(sdkAppId, key));
    return room?.exists ? room : undefined;
  }

  /** The rooms that exist: of one application, or of all. */
  existing(sdkAppId?: number): Room[] {
    const all = [...this.#rooms.values()].filter(({ exists }) => exists);
    return sdkAppId === undefined ? all : all.filter((room) => room.sdkAppId === sdkAppId);
  }

  /** Whether anybody may still enter. */
  get admits(): boolean {
    return !this.#closing;
  }

  counts(): HomeCounts {
    const members = [...this.#rooms.values()].flatMap((room) => room.members);
    const tracks = members.reduce((sum, member) => sum + member.tracks.size, 0);
    return { rooms: this.#rooms.size, members: members.length, tracks };
  }

  /** Admits nobody from now on and sends everybody out. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    const removal = { reason: 'serverStopping' } as const;
    await Promise.all([...this.#rooms.values()].map((room) => room.mailbox.run(() => room.close(removal))));
    this.#refusals.close();
  }

  /** Runs a request for a seat, and counts its refusal. */
  async #counted<T>(sdkAppId: number, request: () => Promise<T>): Promise<T> {
    try {
      if (this.#closing) throw new ServiceError('serverStopping');
      return await request();
    } catch (error) {
      if (error instanceof ServiceError)
        this.#world.observer.refused(error.code, { sdkAppId, observed: false });
      throw error;
    }
  }

  #room(sdkAppId: number, request: Params<'enter'>): Room {
    const ref = requestedRoom(request);
    const name = nameOf(sdkAppId, roomKey(ref));
    const known = this.#rooms.get(name);
    if (known) return known;
    const application = () => this.#application(sdkAppId);
    const room = new Room(
      { sdkAppId, ref, name, application, endedSeats: this.#endedSeats, refusals: this.#refusals },
      this.#world,
      () => void this.#rooms.delete(name),
    );
    this.#rooms.set(name, room);
    return room;
  }

  /** A mailbox job: reads the newest application, and forgets a room that did not come to exist. */
  #admit(room: Room, request: Params<'enter'>, link: MemberLink) {
    try {
      // Before anything changes: who is inside is not replaced by somebody who cannot come in.
      if (!this.#world.journal.available) throw new ServiceError('journalUnavailable');
      const mayCreate = () => this.#mayCreate(room.application());
      return room.admit(request, { mayCreate, link });
    } finally {
      if (!room.exists) this.#rooms.delete(room.name);
    }
  }

  #application(sdkAppId: number): Application {
    const application = this.#applications.find(sdkAppId);
    if (!application) throw new ServiceError('applicationUnknown');
    return application;
  }

  #mayCreate({ sdkAppId, maxRooms }: { readonly sdkAppId: number; readonly maxRooms: number }): boolean {
    let rooms = 0;
    for (const room of this.#rooms.values()) if (room.sdkAppId === sdkAppId && room.exists) rooms++;
    return rooms < maxRooms;
  }
}
