import { type Params, type Result, ServiceError } from '@roomkey/protocol';
import { fingerprintOf } from '../access/index.ts';
import type { LeaveReason, MemberLink, Seat } from '../ports/index.ts';
import type { RoomContext } from './context.ts';
import type { RoomMedia } from './media/room-media.ts';
import type { PermissionChanges } from './permissions/permission-changes.ts';
import type { Publications } from './publications.ts';
import type { Observation } from './record/observation.ts';
import { type RoomEvents, stayOf } from './record/room-events.ts';
import type { RoomJournal } from './record/room-journal.ts';
import type { SeatKeeper } from './seats/seat-keeper.ts';
import { requireSlot } from './slot-check.ts';
import type { Member } from './state/member.ts';
import type { Roster } from './state/roster.ts';
import type { Transports } from './transports.ts';
import type { Turns } from './turns.ts';

/** What the requests of a member act on: the pieces of its room. */
interface Parts {
  readonly context: Pick<RoomContext, 'clock'>;
  readonly turns: Turns;
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly transports: Transports;
  readonly publications: Publications;
  readonly changes: PermissionChanges;
  readonly seats: SeatKeeper;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly observation: Observation;
  leave(member: Member, reason: LeaveReason): void;
}

/** The requests of one member, each decided in a turn of its room. */
export class MemberSeat implements Seat {
  readonly #parts: Parts;
  readonly #member: Member;
  /** The connection that this is for; another one may have the seat meanwhile. */
  readonly #link: MemberLink;

  constructor(parts: Parts, member: Member, link: MemberLink) {
    this.#parts = parts;
    this.#member = member;
    this.#link = link;
  }

  openTransport = (params: Params<'openTransport'>): Promise<Result<'openTransport'>> =>
    this.#counted(async () => {
      this.#requireSeat();
      return this.#parts.transports.open(this.#member, params);
    });

  connectTransport = (params: Params<'connectTransport'>) =>
    this.#act(() => this.#parts.transports.connect(this.#member, params));

  restartIce = (params: Params<'restartIce'>): Promise<Result<'restartIce'>> =>
    this.#act(() => this.#parts.transports.restartIce(this.#member, params));

  publish = (params: Params<'publish'>): Promise<Result<'publish'>> =>
    this.#change(() => this.#parts.publications.publish(this.#member, params));

  setMuted = (params: Params<'setMuted'>) =>
    this.#change(() => {
      this.#parts.publications.setMuted(this.#member, params);
      return {};
    });

  unpublish = (params: Params<'unpublish'>) =>
    this.#change(() => {
      this.#parts.publications.unpublish(this.#member, params);
      return {};
    });

  subscribe = ({ userId, slot, spatialLayer }: Params<'subscribe'>) =>
    this.#act(() => {
      const { media, roster, observation } = this.#parts;
      const member = this.#member;
      if (!member.identity.rtpCapabilities) throw new ServiceError('rtpCapabilitiesMissing');
      requireSlot(member, 'recv', slot, observation);
      if (!roster.seenBy(member, userId)) throw new ServiceError('memberUnknown');
      if (media.subscriptions.isShut(member, userId, slot)) throw new ServiceError('keyFramesExceeded');
      media.subscriptions.want(member, userId, slot, spatialLayer);
      media.subscriptionChanged(member, userId, slot);
      return {};
    });

  unsubscribe = ({ userId, slot }: Params<'unsubscribe'>) =>
    this.#act(() => {
      const { media, roster } = this.#parts;
      if (!roster.seenBy(this.#member, userId)) throw new ServiceError('memberUnknown');
      media.subscriptions.refuse(this.#member, userId, slot);
      media.subscriptionChanged(this.#member, userId, slot);
      return {};
    });

  consumerReady = ({ consumerId }: Params<'consumerReady'>) =>
    this.#act(async () => {
      await this.#parts.media.of(this.#member)?.consumerReady(consumerId);
      return {};
    });

  switchRole = (params: Params<'switchRole'>): Promise<Result<'switchRole'>> =>
    this.#decide(() => this.#parts.changes.requested.switchRole(this.#member, params), params.privateMapKey);

  updatePrivateMapKey = (params: Params<'updatePrivateMapKey'>): Promise<Result<'updatePrivateMapKey'>> =>
    this.#decide(
      () => this.#parts.changes.requested.updatePrivateMapKey(this.#member, params),
      params.privateMapKey,
    );

  changeAuthority = (params: Params<'changeAuthority'>): Promise<Result<'changeAuthority'>> =>
    this.#decide(
      () => this.#parts.changes.requested.changeAuthority(this.#member, params),
      params.privateMapKey,
    );

  exit = () =>
    this.#counted(() =>
      this.#parts.turns.decide(() => {
        this.#requireSeat();
        this.#parts.leave(this.#member, 'exit');
        return {};
      }),
    );

  /** Also over a connection that another one has superseded: it shows who else holds the seat. */
  confirmResume = ({ secret }: Params<'confirmResume'>) =>
    this.#counted(() =>
      this.#parts.turns.run(() => {
        this.#parts.seats.confirm(this.#member, secret);
        return {};
      }),
    );

  dropped(how: 'lost' | 'left'): void {
    this.#parts.turns.post(() => {
      if (how === 'lost') this.#parts.seats.lost(this.#member, this.#link);
      else if (this.#member.link === this.#link) this.#parts.leave(this.#member, 'timeout');
    });
  }

  /** Runs a request in a turn; what it starts may go on outside. */
  #act<T>(action: () => T | Promise<T>): Promise<T> {
    return this.#counted(async () => {
      const { outcome } = await this.#parts.turns.run(() => {
        this.#requireSeat();
        // A promise would be awaited by nobody inside the turn: hand it out in a box.
        return { outcome: action() };
      });
      return outcome;
    });
  }

  /** The same for what others have to follow. */
  #change<T>(action: () => T | Promise<T>): Promise<T> {
    return this.#act(() => {
      this.#requirePace();
      return action();
    });
  }

  /** Decides about rights in a turn, and waits for what follows. `key` is a ticket that came with the request. */
  #decide<T>(decision: () => T, key?: string): Promise<T> {
    return this.#counted(
      () =>
        this.#parts.turns.decide(() => {
          this.#requireSeat();
          this.#requirePace();
          return decision();
        }),
      key,
    );
  }

  /** @throws {ServiceError} `tooManyChanges` */
  #requirePace(): void {
    if (!this.#member.changes.take()) throw new ServiceError('tooManyChanges');
  }

  #requireSeat(): void {
    const { inside, link } = this.#member;
    if (!inside || link !== this.#link) throw new ServiceError('notEntered');
  }

  async #counted<T>(request: () => Promise<T>, key?: string): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ServiceError) {
        const { events, journal } = this.#parts;
        events.tell({ kind: 'refused', ...stayOf(this.#member), cause: error.code, observed: false });
        journal.refused(this.#member, error.code, fingerprintOf(key));
      }
      throw error;
    }
  }
}
