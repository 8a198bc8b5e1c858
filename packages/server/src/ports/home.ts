import type { Notice, Params, RequestName, Result } from '@roomkey/protocol';

/** The way back to one client; whether a WebSocket, a pipe or a test is behind it, the room does not know. */
export interface MemberLink {
  /** Sends a notice; never throws, never blocks. */
  notify(notice: Notice): void;
  /**
   * Ends the connection after what was sent before. The room has already forgotten the member, or,
   * when this one is `superseded`, hears it over another connection.
   */
  end(superseded?: 'superseded'): void;
  /** The client is too far behind what it is to be told: its connection ends at once. The member keeps its seat. */
  lag(): void;
}

/** What a member who is inside can ask; each rejects with a `ServiceError` when refused. */
type Actions = {
  readonly [N in Exclude<RequestName, 'enter' | 'resume'>]: (params: Params<N>) => Promise<Result<N>>;
};

/** A member's seat in a room, handed to the edge that carries its requests. */
export interface Seat extends Actions {
  /**
   * The connection is gone without an `exit`. `lost`, and the seat is kept for a while; `left`: the member leaves at once.
   * Idempotent; does nothing when another connection has the seat.
   */
  dropped(how: 'lost' | 'left'): void;
}

/** The one process that decides for its rooms. */
export interface Home {
  /**
   * Admits a member, or rejects with the `ServiceError` of its own cause.
   * Everything is decided in one turn of the room, against the newest keys.
   */
  enter(
    request: Params<'enter'>,
    link: MemberLink,
  ): Promise<{ readonly seat: Seat; readonly result: Result<'enter'> }>;

  /**
   * Takes up a seat whose connection was lost, or rejects: with `resumeRefused` whether there is no such seat or the secret
   * is not good for it.
   */
  resume(
    request: Params<'resume'>,
    link: MemberLink,
  ): Promise<{ readonly seat: Seat; readonly result: Result<'resume'> }>;
}

/** Numbers of what is going on. */
export interface HomeCounts {
  readonly rooms: number;
  readonly members: number;
  readonly tracks: number;
}
