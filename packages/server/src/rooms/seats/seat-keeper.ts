import { type Params, type RemovalWire, type Result, ServiceError } from '@roomkey/protocol';
import { explain } from '@roomkey/tickets/permissions';
import type { MemberLink } from '../../ports/index.ts';
import type { Room } from '../room.ts';
import type { Member } from '../state/member.ts';

/** The way to a client that has no connection: what is said there is lost. */
const nowhere: MemberLink = { notify: () => {}, end: () => {} };

/** A seat that was taken up again. */
export interface Resumed {
  readonly member: Member;
  readonly result: Result<'resume'>;
  /** The checks have changed what the member may do: its media is being closed. */
  readonly changed: boolean;
}

/** The seats of a room over the loss of their connections. Every method is a mailbox job. */
export class SeatKeeper {
  readonly #room: Room;
  /** Members without a connection, and how to let them stay. */
  readonly #away = new Map<Member, () => void>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** What a new member is told of its seat. */
  given(member: Member): Result<'enter'>['resume'] {
    return { secret: member.secrets.first(), seconds: this.#room.context.seatSeconds };
  }

  /** A connection is lost: its seat is kept for a while, unless another connection has it already. */
  lost(member: Member, link: MemberLink): void {
    const { clock, seatSeconds } = this.#room.context;
    if (!member.inside || member.link !== link) return;
    if (seatSeconds === 0) {
      this.#room.leave(member, 'timeout');
      return;
    }
    member.link = nowhere;
    const stay = clock.after(seatSeconds * 1000, () => {
      void this.#room.mailbox.run(() => {
        if (this.#away.get(member) === stay) this.#room.leave(member, 'timeout');
      });
    });
    this.#away.set(member, stay);
  }

  /**
   * Takes up a seat with its secret, also one whose old connection still seems to be there. Holds the member against
   * the newest keys, bans and policies first. Undefined when nobody has this seat, or the secret was never issued for it.
   *
   * @throws {ServiceError} `resumeRefused` when two parties hold the secrets, or the member may no longer be inside
   */
  resume({ memberId, secret }: Params<'resume'>, link: MemberLink): Resumed | undefined {
    const member = this.#room.members.find(({ identity }) => identity.memberId === memberId);
    const renewed = member?.secrets.renew(secret);
    if (!member || !renewed || renewed.shown === 'unknown') return undefined;
    if (renewed.shown === 'ended') throw this.#contested(member);
    const { version } = member;
    this.#room.changes.recheck(member);
    if (!member.inside) return undefined;
    this.#stopWaiting(member);
    const before = member.link;
    member.link = link;
    before.end('superseded');
    this.#room.journal.resumed(member);
    this.#room.changes.remind(member);
    return { member, result: this.#snapshot(member, renewed.next), changed: member.version !== version };
  }

  /**
   * The client shows the newest secret of its seat, whatever connection it uses.
   *
   * @throws {ServiceError} `resumeRefused`
   */
  confirm(member: Member, secret: string): void {
    const shown = member.secrets.confirm(secret);
    if (shown === 'ended' && member.inside) throw this.#contested(member);
    if (shown !== 'good') throw new ServiceError('resumeRefused');
  }

  /** The member is out: nothing of its seat is left. */
  destroy(member: Member): void {
    this.#stopWaiting(member);
    member.secrets.end();
  }

  /** Nobody can say which of the two is the member. */
  #contested(member: Member): ServiceError {
    const removed: RemovalWire = { reason: 'contested' };
    this.#room.remove(member, removed);
    return new ServiceError('resumeRefused', undefined, { data: { removed } });
  }

  #stopWaiting(member: Member): void {
    this.#away.get(member)?.();
    this.#away.delete(member);
  }

  #snapshot(member: Member, secret: string): Result<'resume'> {
    const { seatSeconds } = this.#room.context;
    const { identity, operands, role, tracks, transports } = member;
    return {
      memberId: identity.memberId,
      explanation: explain(operands),
      members: this.#room.othersOf(member),
      seq: this.#room.seq,
      resume: { secret, seconds: seatSeconds },
      role,
      transports: Object.entries(transports).flatMap(([direction, { transportId, open, connected }]) =>
        open ? [{ transportId, direction: direction as 'send' | 'recv', connected }] : [],
      ),
      tracks: [...tracks.values()].map(({ trackId, slot, muted, state }) => ({
        trackId,
        slot,
        muted,
        lost: state === 'lost',
      })),
      closed: [...member.closed.values()],
      consumers: this.#room.media(member)?.received() ?? [],
    };
  }
}
