import { type Result, type RoomRef, ServiceError } from '@roomkey/protocol';
import { explain } from '@roomkey/tickets/permissions';
import { checkEntry, type HeldUserSig } from '../access/index.ts';
import type { Admission, Decided, LeaveReason, MemberLink, Recording } from '../ports/index.ts';
import type { RoomContext, RoomIdentity } from './context.ts';
import { RoomMedia } from './media/room-media.ts';
import { PermissionChanges } from './permissions/permission-changes.ts';
import { Publications } from './publications.ts';
import { Observation } from './record/observation.ts';
import type { Refusals } from './record/refusals.ts';
import { RoomEvents, stayOf } from './record/room-events.ts';
import { RoomJournal } from './record/room-journal.ts';
import { RoomMediaEvents } from './room-media-events.ts';
import type { EndedSeats } from './seats/ended-seats.ts';
import { SeatKeeper } from './seats/seat-keeper.ts';
import { ChangeBudgets } from './state/change-budgets.ts';
import type { Departure, Removal } from './state/departure.ts';
import { Member } from './state/member.ts';
import { Roster } from './state/roster.ts';
import { Transports } from './transports.ts';
import { Turns } from './turns.ts';

/** What a room shares with the others of its home. */
interface Shared {
  /** Remembers why members are out. */
  readonly endedSeats: EndedSeats;
  readonly refusals: Refusals;
  /** Is told when the room has ceased to exist. */
  readonly ended: () => void;
  /** Is told that a user is inside, or is no longer. */
  readonly moved: (userId: string, isInside: boolean) => void;
}

/** Somebody who was let in. */
export interface Admitted {
  readonly member: Member;
  readonly result: Result<'enter'>;
  /** The record of what the entry gives. */
  readonly recording: Recording;
}

/**
 * One room: it admits members, lets them go, and ends. Every change is made within a turn and none waits for media; what
 * should exist of media follows from the state.
 */
export class Room {
  readonly identity: RoomIdentity;
  readonly context: RoomContext;
  readonly turns: Turns;
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly mediaEvents: RoomMediaEvents;
  readonly publications: Publications;
  readonly transports: Transports;
  readonly changes: PermissionChanges;
  readonly seats: SeatKeeper;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly observation: Observation;
  readonly #shared: Shared;
  readonly #budgets: ChangeBudgets;
  #exists = false;
  #lingerSeconds = 0;
  #entries = 0;
  #stopLingering: () => void = () => {};

  constructor(identity: RoomIdentity, context: RoomContext, shared: Shared) {
    this.identity = identity;
    this.context = context;
    this.#shared = shared;
    this.#budgets = new ChangeBudgets(context.changesPerSecond, () => context.clock.elapsed());
    this.roster = new Roster(context.share, context.fault);
    const { roster } = this;
    this.turns = new Turns(context.plane, context.fault);
    const { turns } = this;
    this.journal = new RoomJournal(identity, context, shared.refusals);
    const { journal } = this;
    this.events = new RoomEvents(identity, context);
    const { events } = this;
    this.observation = new Observation(events, journal);
    const { observation } = this;
    this.publications = new Publications({
      identity,
      context,
      roster,
      turns,
      observation,
      events,
      media: () => this.media,
    });
    const { publications } = this;
    this.media = new RoomMedia({ identity, context, roster, outcome: publications });
    const { media } = this;
    this.mediaEvents = new RoomMediaEvents({ roster, media, publications, turns });
    this.transports = new Transports({ identity, context, media, publications, turns });
    const parts = { identity, context, roster, media, publications, journal, events, observation, turns };
    const remove = (removals: ReadonlyMap<Member, Removal>) => this.remove(removals);
    this.changes = new PermissionChanges({ ...parts, remove });
    this.seats = new SeatKeeper({
      ...parts,
      endedSeats: shared.endedSeats,
      recheck: (member) => this.changes.recheck(member),
      remind: (member) => this.changes.remind(member),
      leave: (member, reason) => this.leave(member, reason),
      remove,
    });
  }

  get ref(): RoomRef {
    return this.identity.ref;
  }

  get sdkAppId(): number {
    return this.identity.sdkAppId;
  }

  get name(): string {
    return this.identity.name;
  }

  /** Whether the room was created and has not ended: nobody needs the create bit to enter. */
  get exists(): boolean {
    return this.#exists;
  }

  /**
   * Decides an entry from top to bottom and, if it is good, lets the member in. Called within a turn.
   *
   * @throws {ServiceError} of the first check that fails; nothing has changed then
   */
  admit(admission: Admission, at: { mayCreate: () => boolean; link: MemberLink }): Admitted {
    return this.journal.entry(admission, (proven) => this.#admit(admission, { ...at, proven }));
  }

  #admit(
    admission: Admission,
    at: { mayCreate: () => boolean; link: MemberLink; proven: (userSig: HeldUserSig) => void },
  ): Admitted {
    const { mayCreate, link, proven } = at;
    const { userId, scene, role, rtpCapabilities, autoReceive } = admission;
    const application = this.identity.application();
    const { clock, newId, restrictions } = this.context;
    const { userSig, key, operands, observed } = checkEntry(admission, {
      application,
      restrictions,
      exists: this.#exists,
      now: clock.now(),
      proven,
    });
    this.journal.requireRoomFor(userId);
    const before = this.roster.find(userId);
    if (before && application.duplicatePolicy === 'refuse') throw new ServiceError('userAlreadyInside');
    if (!this.#exists && !mayCreate()) throw new ServiceError('tooManyRooms');
    if (!before && this.roster.size >= application.maxMembersPerRoom) throw new ServiceError('roomFull');
    const { bucket: changes, isKnown } = this.#budgets.of(userId);
    if (isKnown && !changes.take()) throw new ServiceError('tooManyChanges');
    if (before) this.#takeOut([{ member: before, reason: 'replaced', removal: { reason: 'replaced' } }]);

    if (!this.#exists) this.events.tell({ kind: 'roomCreated' });
    this.#exists = true;
    this.#stopLingering();
    this.#lingerSeconds = application.lingerSeconds;
    const entryNumber = ++this.#entries;
    const identity = { memberId: newId(), userId, scene, userSig, rtpCapabilities, autoReceive, entryNumber };
    const carried = { ticket: admission.privateMapKey, held: key, observed };
    this.#budgets.entered(userId, changes);
    const member = new Member(identity, { operands, role, privateMapKey: carried, changes }, link);
    this.roster.add(member);
    this.#shared.moved(userId, true);
    this.media.enter(member);
    this.changes.entered(member);
    const explanation = explain(member.operands);
    const { effective: permissions } = explanation;
    this.events.tell({ kind: 'memberEntered', ...stayOf(member), scene, role, permissions });
    const recording = this.journal.entered(member, explanation);
    if (observed?.refusal) this.observation.wouldRefuse(member, observed.refusal);
    this.observation.tellLacking(member);
    const resume = this.seats.give(member);
    const members = this.roster.othersOf(member);
    const { memberId } = identity;
    return { member, result: { memberId, explanation, members, seq: this.roster.seq, resume }, recording };
  }

  /** A member leaves; with the last one the room ends, now or after it has lingered. Idempotent. Called within a turn. */
  leave(member: Member, reason: LeaveReason, cause?: string): void {
    if (!member.inside) return;
    this.#takeOut([{ member, reason, cause }]);
    if (this.roster.size === 0) this.#linger();
  }

  /** Takes out members who did not ask for it, tells why and ends their connections. Called within a turn. */
  remove(removals: ReadonlyMap<Member, Removal>): void {
    const out = [...removals].filter(([member]) => member.inside);
    if (out.length === 0) return;
    this.#takeOut(out.map(([member, removal]) => ({ member, reason: 'removed', removal })));
    if (this.roster.size === 0) this.#linger();
  }

  /** Sends everybody out and ends. Called within a turn. */
  close(removal: Removal): void {
    this.#takeOut([...this.roster].map((member) => ({ member, reason: 'removed', removal })));
    this.#end();
  }

  /** The application's keys, permission control or policies have changed. Resolves when the media engine has followed. */
  async applicationChanged(): Promise<void> {
    const verified = this.changes.verifyAhead();
    if (verified) await verified;
    await this.turns.decideForAll(() => this.changes.applicationChanged());
  }

  /**
   * What operators have taken away has changed: from some, or from everybody. Resolves when the media engine has
   * followed, and what `by` gives back is on record.
   *
   * @throws {ServiceError} `journalUnavailable`; the change is made then
   */
  async restrictionsChanged(userIds?: readonly string[], by?: Decided): Promise<void> {
    await this.turns.decideForAll(() => this.changes.restrictionsChanged(userIds, by));
  }

  /** Those who leave together do not hear of each other: that would be a notice for each pair of them. */
  #takeOut(departures: readonly Departure[]): void {
    const members = departures.map(({ member }) => member);
    const shown = departures.filter(({ member }) => member.visible);
    for (const member of members) {
      this.roster.remove(member);
      this.#budgets.left(member.userId);
      this.#shared.moved(member.userId, false);
    }
    // Until their media is closed, which may take more turns: their tracks are forgotten before that.
    const open = new Map(members.map((member) => [member, member.announced]));
    const departureOf = new Map(departures.map((departure) => [departure.member, departure]));
    for (const departure of departures) this.journal.left(departure);
    this.media.leave(members, this.turns.now, (member) => {
      const { reason, removal } = departureOf.get(member) as Departure;
      for (const { trackId, slot } of open.get(member) ?? [])
        this.events.tell({ kind: 'trackClosed', ...stayOf(member), trackId, slot, cause: undefined });
      this.events.tell({ kind: 'memberLeft', ...stayOf(member), reason, removal });
      member.writeRecord();
      if (removal) this.roster.sendOff(member, { method: 'removed', params: removal });
    });
    for (const departure of departures) {
      this.seats.destroy(departure.member, departure.removal);
      this.publications.abandon(departure.member);
    }
    for (const { member, reason } of shown)
      this.roster.broadcast({ method: 'memberLeft', params: { userId: member.userId, reason } });
    this.changes.left(members);
  }

  #linger(): void {
    if (this.#lingerSeconds === 0) {
      this.#end();
      return;
    }
    this.#stopLingering();
    this.#stopLingering = this.context.clock.after(this.#lingerSeconds * 1000, () =>
      this.turns.post(() => {
        if (this.roster.size === 0) this.#end();
      }),
    );
  }

  #end(): void {
    if (!this.#exists) return;
    this.#exists = false;
    this.#stopLingering();
    this.changes.close();
    this.media.close(this.turns.now);
    this.#shared.ended();
    // Behind the leaving of everybody.
    this.media.afterwards([{ kind: 'roomEnded' } as const], (ended) => this.events.tell(ended));
  }
}
