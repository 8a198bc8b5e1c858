import type { Params, RequestName, Result } from '@roomkey/protocol';
import type { MemberLink } from './ports.ts';

/** What a member who is inside can ask; each rejects with a `ServiceError` when refused. */
type Actions = {
  readonly [N in Exclude<RequestName, 'enter'>]: (params: Params<N>) => Promise<Result<N>>;
};

/** A member's place in a room, handed to the edge that carries its requests. */
export interface Seat extends Actions {
  /** The connection is gone without an `exit`: the member leaves with reason `timeout`. Idempotent. */
  dropped(): void;
}

/** The one process that decides for its rooms. */
export interface Home {
  /**
   * Admits a member, or rejects with the `ServiceError` of its own cause.
   * Everything is decided in one turn of the room's mailbox, against the newest keys.
   */
  enter(
    request: Params<'enter'>,
    link: MemberLink,
  ): Promise<{ readonly seat: Seat; readonly result: Result<'enter'> }>;
}
