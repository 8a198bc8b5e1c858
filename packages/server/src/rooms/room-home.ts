import { type Params, roomKey, ServiceError } from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import type {
  Application,
  Applications,
  Home,
  MediaEvents,
  MediaPlace,
  MemberLink,
  Seat,
} from '../ports/index.ts';
import { recorded } from '../ports/index.ts';
import { OpeningSemaphore } from './media/semaphore.ts';
import { MemberSeat } from './member-seat.ts';
import { Refusals } from './record/refusals.ts';
import { Room, type RoomContext } from './room.ts';
import { EndedSeats } from './seats/ended-seats.ts';

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
  readonly #context: RoomContext;
  readonly #rooms = new Map<string, Room>();
  readonly #endedSeats: EndedSeats;
  readonly #refusals: Refusals;
  #closing = false;

  constructor(applications: Applications, context: Omit<RoomContext, 'openings'>) {
    this.#applications = applications;
    this.#context = { ...context, openings: new OpeningSemaphore() };
    this.#endedSeats = new EndedSeats(context.clock, context.seatSeconds);
    this.#refusals = new Refusals(context.journal, context.clock);
    context.plane.listen(this);
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
        await Promise.all([recorded([recording]), left && room.confirmClosed([left])]);
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
    const done = this.#context.changeTimer('resume');
    return this.#counted(sdkAppId, async () => {
      const room = this.find(sdkAppId, roomKey(requestedRoom(request)));
      const resumed = await room?.mailbox.run(() => room.seats.resume(request, link));
      if (!room || !resumed) {
        const removed = this.#endedSeats.why(memberId, secret);
        throw new ServiceError('resumeRefused', undefined, { data: { removed } });
      }
      const { member, result, changed } = resumed;
      this.#context.observer.resumed(room.name, member.userId);
      if (changed) {
        await room.confirmClosed([member.place], [member]);
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
    const done = this.#context.changeTimer('application');
    const rooms = [...this.#rooms.values()].filter(({ sdkAppId }) => sdkAppId === application.sdkAppId);
    const followed = rooms.map((room) =>
      room.mailbox.run(() => {
        const places = room.mediaPlaces;
        room.changes.applicationChanged(application);
        return room.confirmClosed(places, room.members);
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
        this.#context.observer.refused(error.code, { sdkAppId, observed: false });
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
      this.#context,
      () => void this.#rooms.delete(name),
    );
    this.#rooms.set(name, room);
    return room;
  }

  /** A mailbox job: reads the newest application, and forgets a room that did not come to exist. */
  #admit(room: Room, request: Params<'enter'>, link: MemberLink) {
    try {
      // Before anything changes: who is inside is not replaced by somebody who cannot come in.
      if (!this.#context.journal.available) throw new ServiceError('journalUnavailable');
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
