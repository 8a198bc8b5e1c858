import { explain, type Operands, type Role, sameCleared } from '@roomkey/tickets/permissions';
import type { CarriedKey } from '../../access/index.ts';
import type { Clock, Decided } from '../../ports/index.ts';
import type { RoomMedia } from '../media/room-media.ts';
import type { Publications } from '../publications.ts';
import { type PermissionChange, permissionChange } from '../record/permission-change.ts';
import { type RoomEvents, stayOf } from '../record/room-events.ts';
import type { RoomJournal } from '../record/room-journal.ts';
import type { Member } from '../state/member.ts';
import type { Roster } from '../state/roster.ts';
import { slotDenied } from '../state/track.ts';
import type { Turns } from '../turns.ts';
import type { SenderCap } from './sender-cap.ts';
import type { StandingChecks } from './standing-checks.ts';

/** What is to change of a member, all at once. */
export interface Change {
  readonly operands: Partial<Operands>;
  readonly role?: Role;
  /** Carried from then on. */
  readonly privateMapKey?: CarriedKey | undefined;
}

/** A member whose permissions have changed, and from what to what. */
interface Changed {
  readonly member: Member;
  readonly was: Operands;
  readonly is: Operands;
}

/** What the applying of changes works with. */
interface Parts {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly media: RoomMedia;
  readonly publications: Publications;
  readonly journal: RoomJournal;
  readonly events: RoomEvents;
  readonly turns: Turns;
  readonly checks: StandingChecks;
  readonly cap: SenderCap;
  /** Makes a key the one that the member carries. */
  readonly carry: (member: Member, key: CarriedKey) => void;
}

/** Makes changes of permissions the state of their members, and lets records, media and notices follow. */
export class AppliedChanges {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes changes the state of their members: nothing that is taken can be used from now on. Their records, what closes,
   * what opens, and what members are told follow in this order, for many in later turns of the event loop. `by` is who
   * decided it; the turn waits for the records of what an answered change grants. Called within a turn.
   */
  apply(
    changes: ReadonlyMap<Member, Change>,
    { by, isAnswered = false }: { readonly by?: Decided | undefined; readonly isAnswered?: boolean } = {},
  ): void {
    if (changes.size === 0) return;
    const { media, roster, turns, checks, cap, carry } = this.#parts;
    const before = new Map<Member, Operands>();
    for (const [member, { operands, role = member.role, privateMapKey }] of changes) {
      member.writeRecord();
      before.set(member, member.operands);
      member.role = role;
      if (privateMapKey) carry(member, privateMapKey);
      const { denied = checks.denied(member) } = operands;
      member.operands = { ...member.operands, ...operands, denied };
      member.version++;
    }
    for (const [member, capped] of cap.settle([...changes.keys()], this.#now)) {
      member.writeRecord();
      if (!before.has(member)) before.set(member, member.operands);
      member.operands = { ...member.operands, capped };
      member.version++;
    }
    const changed = [...before].map(([member, was]) => ({ member, was, is: member.operands }));
    const told = this.#recordLater(changed, by, ({ member }) => isAnswered && changes.has(member));
    media.follow([...before.keys()], turns.now);
    this.#closeTracks(before.keys());
    for (const member of changes.keys()) roster.show(member);
    media.afterwards(changed, (one) => this.#tell(one, told.get(one.member)));
  }

  /** Puts off the records of changes. Returns the map in which each stands when it is written. */
  #recordLater(
    changed: readonly Changed[],
    by: Decided | undefined,
    isAwaited: (one: Changed) => boolean,
  ): Map<Member, PermissionChange> {
    const written = new Map<Member, PermissionChange>();
    const { journal, turns } = this.#parts;
    const { now: turn } = turns;
    const at = this.#now;
    for (const one of changed) {
      const { member, was, is } = one;
      member.recordLater(() => {
        const change = permissionChange(was, is, by);
        if (!change) return;
        written.set(member, change);
        const recording = journal.changed(member, change, at);
        if (isAwaited(one)) turn.grants.push(recording);
      });
    }
    return written;
  }

  /** Ends the tracks whose permission is gone. */
  #closeTracks(members: Iterable<Member>): void {
    const closed = [...members].flatMap((member) =>
      [...member.tracks.values()].flatMap((track) => {
        const { slot } = track;
        if (member.may('send', slot)) return [];
        return { member, track, cause: slotDenied('send', slot, member.effective).code };
      }),
    );
    this.#parts.publications.close(closed);
  }

  /** Tells what has changed, and the member what has changed for it, behind what closes. */
  #tell({ member, was, is }: Changed, change: PermissionChange | undefined): void {
    if (!change) return;
    const { events, roster } = this.#parts;
    const { operands: _, ...told } = change;
    events.tell({ kind: 'permissionsChanged', ...stayOf(member), ...told });
    if (sameCleared(was, is)) return;
    const params = { before: change.before, after: change.after, explanation: explain(is) };
    roster.tell(member, { method: 'permissionChanged', params });
  }

  get #now(): number {
    return this.#parts.clock.now();
  }
}
