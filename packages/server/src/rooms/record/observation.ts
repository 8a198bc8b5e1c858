import type { ErrorName } from '@roomkey/protocol';
import { fingerprintOf, observedMissing } from '../../access/index.ts';
import type { Member } from '../state/member.ts';
import { type RoomEvents, stayOf } from './room-events.ts';
import type { RoomJournal } from './room-journal.ts';

/** What `enforce` would have refused or lacked in a room whose keys are only observed. */
export class Observation {
  readonly #events: RoomEvents;
  readonly #journal: RoomJournal;

  constructor(events: RoomEvents, journal: RoomJournal) {
    this.#events = events;
    this.#journal = journal;
  }

  /** Tells what `enforce` would have refused; `ticket` is the key it is about, unless the member carries it. */
  wouldRefuse(member: Member, cause: ErrorName, ticket = member.privateMapKey.ticket): void {
    this.#events.tell({ kind: 'refused', ...stayOf(member), cause, observed: true });
    this.#journal.refused(member, cause, fingerprintOf(ticket), 'observed');
  }

  /** Tells what a member has here that its observed key does not hold. */
  tellLacking(member: Member): void {
    const permissions = observedMissing(member);
    if (permissions.length > 0) this.#events.tell({ kind: 'lacking', ...stayOf(member), permissions });
  }
}
