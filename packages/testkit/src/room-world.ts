import type { Notice, NoticeName, NoticeParams, Params, Result, RtpParameters } from '@roomkey/protocol';
import { Operator, OperatorLists } from '@roomkey/server/operators';
import type {
  Application,
  ChangeWay,
  CoreEvent,
  EventListener,
  MemberLink,
  Seat,
} from '@roomkey/server/ports';
import { Restrictions } from '@roomkey/server/restrictions';
import { EventLoopShare, RoomHome } from '@roomkey/server/rooms';
import { TicketIssuer } from '@roomkey/tickets';
import { type Slot, slotKind } from '@roomkey/tickets/permissions';
import { FakeClock } from './fake-clock.ts';
import { FakeJournal } from './fake-journal.ts';
import { FakeMediaPlane, settled } from './fake-media-plane.ts';
import { FakeRestrictionStore } from './fake-restriction-store.ts';
import { application } from './ticket-context.ts';

/** What a test says of an entry; the rest is filled in: room 1, scene rtc, anchor, all bits. */
export interface EntryWish extends Partial<Params<'enter'>> {
  /** Bits of the PrivateMapKey; null leaves the ticket out. */
  readonly bits?: number | null;
}

/** What a world is like: its application, and what its server is set to. */
export interface WorldSettings extends Partial<Application> {
  readonly seatSeconds?: number;
  readonly changesPerSecond?: number;
  readonly maxSendersPerRoom?: number;
  /** How much is done in one turn of the event loop. Default: for rooms as in a server; for operators everything. */
  readonly share?: EventLoopShare | undefined;
}

/** A member under test: its seat, and what it was told. */
export class TestMember {
  readonly userId: string;
  readonly seat: Seat;
  readonly link: RecordingLink;
  readonly result: Result<'enter'> | Result<'resume'>;
  transports: { send?: string; recv?: string } = {};

  constructor(
    userId: string,
    link: RecordingLink,
    entered: { readonly seat: Seat; readonly result: Result<'enter'> | Result<'resume'> },
  ) {
    this.userId = userId;
    this.link = link;
    this.seat = entered.seat;
    this.result = entered.result;
  }

  /** The newest secret that this connection was given. */
  get secret(): string {
    return this.result.resume.secret;
  }

  /** Opens a transport and remembers it. */
  async open(direction: 'send' | 'recv'): Promise<string> {
    const { transportId } = await this.seat.openTransport({ direction });
    this.transports[direction] = transportId;
    return transportId;
  }

  /** Publishes a slot with plausible parameters; opens the transport first if there is none. */
  async publish(slot: Slot, more: Partial<Params<'publish'>> = {}): Promise<string> {
    const transportId = this.transports.send ?? (await this.open('send'));
    const rtpParameters = rtpParametersFor(slot);
    return (await this.seat.publish({ transportId, slot, rtpParameters, muted: false, ...more })).trackId;
  }
}

/** A link that keeps what it was told. */
export class RecordingLink implements MemberLink {
  readonly notices: Notice[] = [];
  ended = false;
  /** Another connection has the seat. */
  superseded = false;
  /** How often it was said that the client is too far behind. */
  lagged = 0;

  notify(notice: Notice): void {
    this.notices.push(notice);
  }

  end(superseded?: 'superseded'): void {
    this.ended = true;
    this.superseded = superseded !== undefined;
  }

  lag(): void {
    this.lagged++;
  }

  /** The parameters of all notices of one name. */
  told<N extends NoticeName>(method: N): NoticeParams<N>[] {
    return this.notices
      .filter((notice) => notice.method === method)
      .map((notice) => notice.params as NoticeParams<N>);
  }
}

/** Parameters that fit a slot. */
export function rtpParametersFor(slot: Slot): RtpParameters {
  const audio = slotKind(slot) === 'audio';
  return {
    mid: '0',
    codecs: audio
      ? [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 }]
      : [
          { mimeType: 'video/VP8', payloadType: 96, clockRate: 90000 },
          { mimeType: 'video/rtx', payloadType: 97, clockRate: 90000, parameters: { apt: 96 } },
        ],
    encodings: [{ ssrc: 1234 }],
  };
}

/** Real rooms with a fake media plane, a clock that stands still, and one application. */
export class RoomWorldUnderTest {
  readonly clock = new FakeClock();
  readonly plane = new FakeMediaPlane();
  readonly journal = new FakeJournal();
  /** What happened, in order. */
  readonly events: CoreEvent[] = [];
  /** Who hears of it too, from when they are put in. */
  readonly listeners: EventListener[] = [];
  readonly mediaFailures: unknown[] = [];
  /** The members for whom media calls failed that nobody waits for. */
  readonly mediaFailedFor: { readonly room: string; readonly userId: string }[] = [];
  /** What was thrown where nobody waits for an answer; nothing should be. */
  readonly faults: unknown[] = [];
  /** The changes of permissions that were timed, and what the media plane was asked last before each was done. */
  readonly timed: { way: ChangeWay; after: string | undefined }[] = [];
  readonly home: RoomHome;
  /** What operators have taken away, on disk as it were: a later world can begin with it. */
  readonly store: FakeRestrictionStore;
  readonly restrictions: Restrictions;
  readonly operator: Operator;
  readonly lists: OperatorLists;
  application: Application;
  #ids = 0;

  constructor(
    {
      seatSeconds = 30,
      changesPerSecond = 1000,
      maxSendersPerRoom = 1000,
      share,
      ...settings
    }: WorldSettings = {},
    store: FakeRestrictionStore = new FakeRestrictionStore(),
  ) {
    this.store = store;
    const keys = [{ keyId: 'first', secret: 'a secret key for tests', state: 'active' }] as const;
    this.application = application({ keys, ...settings });
    const applications = {
      find: (sdkAppId: number) => (sdkAppId === this.application.sdkAppId ? this.application : undefined),
    };
    const { clock, journal } = this;
    const changeTimer = (way: ChangeWay) => () =>
      void this.timed.push({ way, after: this.plane.calls.at(-1) });
    const operated = share ?? new EventLoopShare(undefined, () => clock.elapsed());
    const restrictions = new Restrictions(store, clock, journal, store.read(), undefined, operated);
    this.restrictions = restrictions;
    const heard = (event: CoreEvent) => {
      this.events.push(event);
      for (const listener of this.listeners) listener(event);
    };
    const context = {
      restrictions,
      maxSendersPerRoom,
      plane: this.plane,
      clock,
      journal,
      heard,
      changeTimer,
      newId: () => `id-${++this.#ids}`,
      seatSeconds,
      changesPerSecond,
      mediaFailed: (error: unknown, of?: { readonly room: string; readonly userId: string }) => {
        this.mediaFailures.push(error);
        if (of) this.mediaFailedFor.push({ room: of.room, userId: of.userId });
      },
      fault: (error: unknown) => this.faults.push(error),
    };
    this.home = new RoomHome(applications, context, share);
    const { control: rooms } = this.home;
    const fault = (error: unknown) => this.faults.push(error);
    const hearing = { rooms, heard, changeTimer, fault, share: operated };
    this.operator = new Operator({ ...hearing, applications, restrictions, journal, clock });
    this.lists = new OperatorLists(applications, restrictions, rooms);
  }

  /** The events of one kind, in order. */
  told<K extends CoreEvent['kind']>(kind: K): Extract<CoreEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<CoreEvent, { kind: K }> => event.kind === kind);
  }

  /** Users who took up their seats again, in order. */
  get resumes(): string[] {
    return this.told('memberResumed').map(({ userId }) => userId);
  }

  /** Requests that were refused, or would be under `enforce`, in order. */
  get refusals(): { cause: string; observed: boolean }[] {
    return this.told('refused').map(({ cause, observed }) => ({ cause, observed }));
  }

  /** Permissions that observed keys do not hold, as they were told. */
  get lacking(): { userId: string; permissions: readonly string[] }[] {
    return this.told('lacking').map(({ userId, permissions }) => ({ userId, permissions }));
  }

  /** Signs with the application's first key, now. */
  get issuer(): TicketIssuer {
    const { sdkAppId, keys } = this.application;
    const secretKey = keys[0]?.secret ?? '';
    return new TicketIssuer({ sdkAppId, secretKey, now: Math.floor(this.clock.now() / 1000) });
  }

  /** An entry request with good tickets for what it asks. */
  request(userId: string, { bits = 255, ...wish }: EntryWish = {}): Params<'enter'> {
    const room = wish.strRoomId === undefined ? { roomId: wish.roomId ?? 1 } : { strRoomId: wish.strRoomId };
    const key =
      bits === null
        ? {}
        : {
            privateMapKey:
              'roomId' in room
                ? this.issuer.genPrivateMapKey(userId, 300, room.roomId, bits)
                : this.issuer.genPrivateMapKeyWithStringRoomID(userId, 300, room.strRoomId, bits),
          };
    return {
      sdkAppId: this.application.sdkAppId,
      userId,
      userSig: this.issuer.genUserSig(userId, 300),
      scene: 'rtc',
      role: 'anchor',
      rtpCapabilities: this.plane.rtpCapabilities,
      autoReceive: { audio: true, video: true },
      ...room,
      ...key,
      ...wish,
    };
  }

  /** Lets a member in. */
  async enter(userId: string, wish: EntryWish = {}): Promise<TestMember> {
    const link = new RecordingLink();
    return new TestMember(userId, link, await this.home.enter(this.request(userId, wish), link));
  }

  /** Takes a member's seat up over another connection, with its newest secret unless another is given; room 1. */
  async resume(
    { userId, result, secret, transports }: TestMember,
    wish: Partial<Params<'resume'>> = {},
  ): Promise<TestMember> {
    const link = new RecordingLink();
    const { sdkAppId } = this.application;
    const request = { sdkAppId, roomId: 1, memberId: result.memberId, secret, ...wish };
    const member = new TestMember(userId, link, await this.home.resume(request, link));
    member.transports = { ...transports };
    return member;
  }

  /** Waits until everything that can go on has gone on. */
  async settle(): Promise<void> {
    await settled();
  }
}
