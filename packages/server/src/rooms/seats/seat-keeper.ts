import { type Params, type RemovalWire, type Result, ServiceError } from '@roomkey/protocol';
import { explain } from '@roomkey/tickets/permissions';
import type { LeaveReason, MemberLink } from '../../ports/index.ts';
import type { RoomContext } from '../context.ts';
import type { RoomMedia } from '../media/room-media.ts';
import { type RoomEvents, stayOf } from '../record/room-events.ts';
import type { RoomJournal } from '../record/room-journal.ts';
import type { Removal } from '../state/departure.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import type { Turns } from '../turns.ts';
import type { EndedSeats } from './ended-seats.ts';
import { ResumeSecrets } from './resume-secrets.ts';

/** A seat that was taken up again. */
export interface Resumed {
  readonly member: Member;
  readonly result: Result<'resume'>;
  /** The checks have changed what the member may do. */
  readonly changed: boolean;
}

/** What the seats of a room work with. */
interface Parts {
  readonly context: Pick<RoomContext, 'clock' | 'seatSeconds'>;
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly endedSeats: EndedSeats;
  readonly turns: Turns;
  /** Holds a member against all that holds now. */
  readonly recheck: (member: Member) => void;
  /** Says again what a client has to know that may have missed it. */
  readonly remind: (member: Member) => void;
  readonly leave: (member: Member, reason: LeaveReason) => void;
  readonly remove: (removals: ReadonlyMap<Member, Removal>) => void;
}

/** A seat: its secrets, and how to keep it without a connection no longer. */
interface Kept {
  readonly secrets: ResumeSecrets;
  stay: (() => void) | undefined;
}

/** The seats of a room over the loss of their connections. Every method is called within a turn. */
export class SeatKeeper {
  readonly #parts: Parts;
  readonly #seats = new Map<Member, Kept>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Gives a new member its seat: what it is told of it. */
  give(member: Member): Result<'enter'>['resume'] {
    const secrets = new ResumeSecrets(member.identity.memberId);
    this.#seats.set(member, { secrets, stay: undefined });
    return { secret: secrets.first(), seconds: this.#parts.context.seatSeconds };
  }

  /** A connection is lost: its seat is kept for a while, unless another connection has it already. */
  lost(member: Member, link: MemberLink): void {
    const { context, turns, roster, leave } = this.#parts;
    const seat = this.#seats.get(member);
    if (!member.inside || !seat || member.link !== link) return;
    if (context.seatSeconds === 0) {
      leave(member, 'timeout');
      return;
    }
    roster.disconnect(member);
    const stay = context.clock.after(context.seatSeconds * 1000, () =>
      turns.post(() => {
        if (seat.stay === stay && member.inside) leave(member, 'timeout');
      }),
    );
    seat.stay = stay;
  }

  /**
   * Takes up a seat with its secret, also one whose old connection still seems to be there. Holds the member against
   * the newest keys, bans and policies first. Undefined when nobody has this seat, or the secret was never issued for it.
   *
   * @throws {ServiceError} `tooManyChanges`, and nothing has changed then; `resumeRefused` when two parties hold the secrets, or the
   *   member may no longer be inside
   */
  resume({ memberId, secret }: Params<'resume'>, link: MemberLink): Resumed | undefined {
    const { roster, journal, events, recheck, remind } = this.#parts;
    const member = roster.withId(memberId);
    const seat = member && this.#seats.get(member);
    // Of the member alone, who has the secret: nobody else can use up what it may do.
    if (seat?.secrets.shown(secret) === 'good' && !member?.changes.take())
      throw new ServiceError('tooManyChanges');
    const renewed = seat?.secrets.renew(secret);
    if (!member || !seat || !renewed || renewed.shown === 'unknown') return undefined;
    if (renewed.shown === 'ended') throw this.#contested(member);
    const { version } = member;
    recheck(member);
    if (!member.inside) return undefined;
    stopWaiting(seat);
    roster.reconnect(member, link);
    journal.resumed(member);
    events.tell({ kind: 'memberResumed', ...stayOf(member) });
    remind(member);
    return { member, result: this.#snapshot(member, renewed.next), changed: member.version !== version };
  }

  /**
   * The client shows the newest secret of its seat, whatever connection it uses.
   *
   * @throws {ServiceError} `resumeRefused`
   */
  confirm(member: Member, secret: string): void {
    const shown = this.#seats.get(member)?.secrets.confirm(secret);
    if (shown === 'ended') throw this.#contested(member);
    if (shown !== 'good') throw new ServiceError('resumeRefused');
  }

  /** The member is out: nothing of its seat is left. Who shows one of its secrets can be told the removal. */
  destroy(member: Member, removal: Removal | undefined): void {
    const seat = this.#seats.get(member);
    if (!seat) return;
    this.#seats.delete(member);
    stopWaiting(seat);
    seat.secrets.end();
    if (removal) this.#parts.endedSeats.record(member.identity.memberId, seat.secrets, removal);
  }

  /** Nobody can say which of the two is the member. */
  #contested(member: Member): ServiceError {
    const removed: RemovalWire = { reason: 'contested' };
    this.#parts.remove(new Map([[member, removed]]));
    return new ServiceError('resumeRefused', undefined, { data: { removed } });
  }

  #snapshot(member: Member, secret: string): Result<'resume'> {
    const { context, roster, media } = this.#parts;
    const { identity, operands, role, tracks, transports } = member;
    return {
      memberId: identity.memberId,
      explanation: explain(operands),
      members: roster.othersOf(member),
      seq: roster.seq,
      resume: { secret, seconds: context.seatSeconds },
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
      consumers: media.of(member)?.received() ?? [],
    };
  }
}

function stopWaiting(seat: Kept): void {
  seat.stay?.();
  seat.stay = undefined;
}
