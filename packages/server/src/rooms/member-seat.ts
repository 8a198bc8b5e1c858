import { type Params, type Result, ServiceError } from '@roomkey/protocol';
import { fingerprintOf } from '../access/index.ts';
import type { MemberLink, Seat } from '../ports/index.ts';
import type { Room } from './room.ts';
import type { Member } from './state/member.ts';
import { openTransport, requireTransport } from './transports.ts';

/** The requests of one member, each decided in the mailbox of its room. */
export class MemberSeat implements Seat {
  readonly #room: Room;
  readonly #member: Member;
  /** The connection that this is for; another one may have the seat meanwhile. */
  readonly #link: MemberLink;

  constructor(room: Room, member: Member, link: MemberLink) {
    this.#room = room;
    this.#member = member;
    this.#link = link;
  }

  openTransport = (params: Params<'openTransport'>): Promise<Result<'openTransport'>> =>
    this.#counted(async () => {
      this.#requireSeat();
      return openTransport(this.#room, this.#member, params);
    });

  connectTransport = ({ transportId, dtlsParameters }: Params<'connectTransport'>) =>
    this.#decide(async () => {
      const transport = requireTransport(this.#member, transportId);
      if (transport.connected) throw new ServiceError('invalidParams', 'The transport is connected already.');
      // From now on: who resumes meanwhile must not say it twice.
      transport.connected = true;
      try {
        await this.#room.context.plane.connectTransport(transportId, dtlsParameters);
      } catch (error) {
        transport.connected = false;
        throw error;
      }
      return {};
    });

  restartIce = ({ transportId }: Params<'restartIce'>): Promise<Result<'restartIce'>> =>
    this.#decide(async () => {
      requireTransport(this.#member, transportId);
      return { iceParameters: await this.#room.context.plane.restartIce(transportId) };
    });

  publish = (params: Params<'publish'>): Promise<Result<'publish'>> =>
    this.#decide(() => this.#room.publications.publish(this.#member, params));

  setMuted = (params: Params<'setMuted'>) =>
    this.#decide(() => {
      this.#room.publications.setMuted(this.#member, params);
      return {};
    });

  unpublish = (params: Params<'unpublish'>) =>
    this.#decide(() => {
      this.#room.publications.unpublish(this.#member, params);
      return {};
    });

  subscribe = ({ userId, slot, spatialLayer }: Params<'subscribe'>) =>
    this.#decide(() => {
      const member = this.#member;
      if (!member.identity.rtpCapabilities) throw new ServiceError('rtpCapabilitiesMissing');
      this.#room.requireSlot(member, 'recv', slot);
      const from = this.#room.find(userId);
      if (!from || from === member) throw new ServiceError('memberUnknown');
      member.subscriptions.want(userId, slot, spatialLayer);
      this.#room.reconcile(member);
      const track = from.tracks.get(slot);
      if (track) this.#room.media(member)?.setLayer(from, track);
      return {};
    });

  unsubscribe = ({ userId, slot }: Params<'unsubscribe'>) =>
    this.#decide(() => {
      if (!this.#room.find(userId)) throw new ServiceError('memberUnknown');
      this.#member.subscriptions.refuse(userId, slot);
      this.#room.reconcile(this.#member);
      return {};
    });

  consumerReady = ({ consumerId }: Params<'consumerReady'>) =>
    this.#decide(async () => {
      await this.#room.media(this.#member)?.consumerReady(consumerId);
      return {};
    });

  switchRole = (params: Params<'switchRole'>): Promise<Result<'switchRole'>> =>
    this.#decide(() => this.#room.changes.switchRole(this.#member, params), params.privateMapKey);

  updatePrivateMapKey = (params: Params<'updatePrivateMapKey'>): Promise<Result<'updatePrivateMapKey'>> =>
    this.#decide(() => this.#room.changes.updatePrivateMapKey(this.#member, params), params.privateMapKey);

  changeAuthority = (params: Params<'changeAuthority'>): Promise<Result<'changeAuthority'>> =>
    this.#decide(() => this.#room.changes.changeAuthority(this.#member, params), params.privateMapKey);

  exit = () =>
    this.#decide(async () => {
      const { place } = this.#member;
      this.#room.leave(this.#member, 'exit');
      await this.#room.confirmClosed([place]);
      return {};
    });

  /** Also over a connection that another one has superseded: it shows who else holds the seat. */
  confirmResume = ({ secret }: Params<'confirmResume'>) =>
    this.#counted(() =>
      this.#room.mailbox.run(() => {
        this.#room.seats.confirm(this.#member, secret);
        return {};
      }),
    );

  dropped(how: 'lost' | 'left'): void {
    void this.#room.mailbox.run(() => {
      if (how === 'lost') this.#room.seats.lost(this.#member, this.#link);
      else if (this.#member.link === this.#link) this.#room.leave(this.#member, 'timeout');
    });
  }

  /** Runs a decision in the mailbox; what it starts may go on outside. `key` is a ticket that came with the request. */
  #decide<T>(decision: () => T | Promise<T>, key?: string): Promise<T> {
    return this.#counted(
      () =>
        this.#room.mailbox
          .run(() => {
            this.#requireSeat();
            // A promise would be awaited by nobody inside the mailbox: hand it out in a box.
            return { outcome: decision() };
          })
          .then(({ outcome }) => outcome),
      key,
    );
  }

  #requireSeat(): void {
    const { inside, link } = this.#member;
    if (!inside || link !== this.#link) throw new ServiceError('notEntered');
  }

  async #counted<T>(request: () => Promise<T>, key?: string): Promise<T> {
    try {
      return await request();
    } catch (error) {
      const { observer } = this.#room.context;
      if (error instanceof ServiceError) {
        observer.refused(error.code, { sdkAppId: this.#room.sdkAppId, observed: false });
        this.#room.journal.refused(this.#member, error.code, fingerprintOf(key));
      }
      throw error;
    }
  }
}
