import { type Params, roomKey, ServiceError } from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import {
  type Admission,
  type Application,
  type Applications,
  type Home,
  type HomeCounts,
  type MediaEvents,
  type MediaPlace,
  type MemberLink,
  type RoomControl,
  recorded,
  roomName,
  type Seat,
} from '../ports/index.ts';
import type { RoomContext } from './context.ts';
import { HomeControl } from './home-control.ts';
import { OpeningSemaphore } from './media/semaphore.ts';
import { SteadyPlane } from './media/steady-plane.ts';
import { MemberSeat } from './member-seat.ts';
import { Refusals } from './record/refusals.ts';
import { requestedAdmission } from './requested-admission.ts';
import { Room } from './room.ts';
import { RoomDirectory } from './room-directory.ts';
import { EndedSeats } from './seats/ended-seats.ts';
import { ShutSlots } from './state/shut-slots.ts';

/** The home of all rooms of this process. */
export class RoomHome implements Home, MediaEvents {
  readonly #applications: Applications;
  readonly #context: RoomContext;
  readonly rooms: RoomDirectory;
  readonly #endedSeats: EndedSeats;
  readonly #refusals: Refusals;
  /** For operators. */
  readonly control: RoomControl;
  #closing = false;

  /** `share` says how much is done for rooms in one turn of the event loop. */
  constructor(
    applications: Applications,
    context: Omit<RoomContext, 'openings' | 'share' | 'shutSlots'>,
    share: EventLoopShare = new EventLoopShare(),
  ) {
    this.#applications = applications;
    this.rooms = new RoomDirectory(share);
    this.control = new HomeControl(this.rooms, share);
    const plane = new SteadyPlane(context.plane, context.mediaFailed);
    const shutSlots = new ShutSlots(context.clock);
    this.#context = { ...context, plane, openings: new OpeningSemaphore(), share, shutSlots };
    this.#endedSeats = new EndedSeats(context.clock, context.seatSeconds);
    this.#refusals = new Refusals(context.journal, context.clock);
    plane.listen(this);
  }

  enter(request: Params<'enter'>, link: MemberLink) {
    return this.#counted(request.sdkAppId, async () => {
      this.#application(request.sdkAppId);
      return this.#enter(requestedAdmission(request), link);
    });
  }

  /** The same for a member that does not come with a client's `enter`. */
  admit(admission: Admission, link: MemberLink) {
    return this.#counted(admission.sdkAppId, () => this.#enter(admission, link));
  }

  async resume(request: Params<'resume'>, link: MemberLink) {
    const { sdkAppId, memberId, secret } = request;
    const timed = this.#context.changeTimer('resume');
    return this.#counted(sdkAppId, async () => {
      const room = this.rooms.find(sdkAppId, roomKey(requestedRoom(request)));
      const made = await room?.turns.make(() => room.seats.resume(request, link));
      if (!room || !made?.result) {
        const removed = this.#endedSeats.why(memberId, secret);
        throw new ServiceError('resumeRefused', undefined, { data: { removed } });
      }
      const { member, result, changed } = made.result;
      await made.done();
      if (changed) timed();
      const seat: Seat = new MemberSeat(room, member, link);
      return { seat, result };
    });
  }

  placeLost(place: MediaPlace, lifeIds: readonly string[]): void {
    const { share, fault } = this.#context;
    share.each(lifeIds, (lifeId) => this.rooms.living(lifeId)?.mediaEvents.placeLost(place)).catch(fault);
  }

  available(): void {
    const { share, fault } = this.#context;
    const again = ({ publications, mediaEvents }: Room) => {
      if (publications.lost > 0) mediaEvents.mediaAvailable();
    };
    share.each(this.rooms.all(), again).catch(fault);
  }

  transportLost(lifeId: string, transportId: string): void {
    this.rooms.living(lifeId)?.mediaEvents.transportLost(transportId);
  }

  keyFramesExceeded(lifeId: string, transportId: string, consumerId: string): void {
    this.rooms.living(lifeId)?.mediaEvents.keyFramesExceeded(transportId, consumerId);
  }

  pictureWaits(lifeId: string, transportId: string, consumerId: string, waits: boolean): void {
    this.rooms.living(lifeId)?.mediaEvents.pictureWaits(transportId, consumerId, waits);
  }

  pictureFrozen(lifeId: string, transportId: string, consumerId: string): void {
    this.rooms.living(lifeId)?.mediaEvents.pictureFrozen(transportId, consumerId);
  }

  bitrateExceeded(lifeId: string, mediaId: string): void {
    this.rooms.living(lifeId)?.mediaEvents.bitrateExceeded(mediaId);
  }

  /** An application's keys, permission control or policies have changed: its running rooms follow. Resolves when the media engine has. */
  async applicationChanged({ sdkAppId }: Pick<Application, 'sdkAppId'>): Promise<void> {
    const done = this.#context.changeTimer('application');
    const closed = this.rooms.closed(sdkAppId);
    await this.rooms.inEach(sdkAppId, (room) => room.applicationChanged());
    await closed;
    done();
  }

  /** Whether anybody may still enter. */
  get admits(): boolean {
    return !this.#closing;
  }

  counts(): HomeCounts {
    const rooms = this.rooms.all();
    const members = rooms.reduce((sum, { roster }) => sum + roster.size, 0);
    const tracks = rooms.reduce((sum, { publications }) => sum + publications.count, 0);
    return { rooms: rooms.length, members, tracks };
  }

  /** Admits nobody from now on and sends everybody out; resolves when all have been told. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    const removal = { reason: 'serverStopping' } as const;
    const closed = this.rooms.all().map(async (room) => {
      await room.turns.decide(() => room.close(removal));
      await room.roster.told();
    });
    await Promise.all(closed);
    this.#refusals.close();
  }

  /** Runs a request for a seat, and counts its refusal. */
  async #counted<T>(sdkAppId: number, request: () => Promise<T>): Promise<T> {
    try {
      if (this.#closing) throw new ServiceError('serverStopping');
      return await request();
    } catch (error) {
      if (error instanceof ServiceError) {
        const { heard, clock } = this.#context;
        heard({ kind: 'refused', cause: error.code, observed: false, sdkAppId, at: clock.now() });
      }
      throw error;
    }
  }

  async #enter(admission: Admission, link: MemberLink) {
    const room = this.#room(admission);
    const { result: admitted, done } = await room.turns.make(() => this.#admit(room, admission, link));
    const { member, result, recording } = admitted;
    try {
      await Promise.all([recorded([recording]), done()]);
    } catch (error) {
      await room.turns.run(() => room.leave(member, 'removed', 'journalUnavailable'));
      throw error;
    }
    const seat: Seat = new MemberSeat(room, member, link);
    return { seat, result };
  }

  #room({ sdkAppId, room: ref }: Admission): Room {
    const key = roomKey(ref);
    const name = roomName({ sdkAppId, room: key });
    const known = this.rooms.named(name);
    if (known) return known;
    const application = () => this.#application(sdkAppId);
    const identity = { sdkAppId, ref, roomKey: key, name, lifeId: this.#context.newId(), application };
    const room: Room = new Room(identity, this.#context, {
      endedSeats: this.#endedSeats,
      refusals: this.#refusals,
      ended: () => this.rooms.remove(room),
      moved: (userId, isInside) => this.rooms.moved(room, userId, isInside),
    });
    this.rooms.add(room);
    return room;
  }

  /** Within a turn: reads the newest application, and forgets a room that did not come to exist. */
  #admit(room: Room, admission: Admission, link: MemberLink) {
    try {
      // Before anything changes: who is inside is not replaced by somebody who cannot come in.
      const { journal } = this.#context;
      if (!journal.available || journal.grantRefusal()) throw new ServiceError('journalUnavailable');
      const mayCreate = () => this.#mayCreate(room.identity.application());
      return room.admit(admission, { mayCreate, link });
    } finally {
      if (!room.exists) this.rooms.remove(room);
    }
  }

  #application(sdkAppId: number): Application {
    const application = this.#applications.find(sdkAppId);
    if (!application) throw new ServiceError('applicationUnknown');
    return application;
  }

  /** The room that is about to exist is counted already. */
  #mayCreate({ sdkAppId, maxRooms }: { readonly sdkAppId: number; readonly maxRooms: number }): boolean {
    return this.rooms.count(sdkAppId) <= maxRooms;
  }
}
