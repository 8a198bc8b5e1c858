import type { ErrorName } from '@roomkey/protocol';
import { fingerprintOf, observedMissing } from '../../access/index.ts';
import type { Observer } from '../../ports/index.ts';
import type { RoomIdentity } from '../context.ts';
import type { Member } from '../state/member.ts';
import type { RoomJournal } from './room-journal.ts';

/** What `enforce` would have refused or lacked in a room whose keys are only observed. */
export class Observation {
  readonly #identity: RoomIdentity;
  readonly #observer: Observer;
  readonly #journal: RoomJournal;

  constructor(identity: RoomIdentity, observer: Observer, journal: RoomJournal) {
    this.#identity = identity;
    this.#observer = observer;
    this.#journal = journal;
  }

  /** Tells what `enforce` would have refused; `ticket` is the key it is about, unless the member carries it. */
  wouldRefuse(member: Member, cause: ErrorName, ticket = member.key.ticket): void {
    this.#observer.refused(cause, { ...this.#about(member), observed: true });
    this.#journal.refused(member, cause, fingerprintOf(ticket), 'observed');
  }

  /** Tells what a member has here that its observed key does not hold. */
  tellLacking(member: Member): void {
    const permissions = observedMissing(member);
    if (permissions.length > 0) this.#observer.lacking(this.#about(member), permissions);
  }

  #about({ userId }: Member) {
    const { sdkAppId, name: room } = this.#identity;
    return { sdkAppId, room, userId };
  }
}
