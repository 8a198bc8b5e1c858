import type { Operand } from '@roomkey/tickets/permissions';

/** A user in a room of an application, inside or not; `room` is a room key text. */
export interface Whereabouts {
  readonly sdkAppId: number;
  readonly room: string;
  readonly userId: string;
}

/** The newest restrictions, in memory: a check never waits for a database. */
export interface RestrictionReader {
  /** What an operator took from a user in a room. */
  denied(at: Whereabouts): Operand;
  /** Whether a user is banned from a room, by a ban of the room or of the application. */
  isBanned(at: Whereabouts): boolean;
  /**
   * Whether a ticket that was signed at `issuedAt` (unix seconds) is revoked. `revoked`: for good. `early`: the ticket is dated
   * in the future, and does not count before that. `undefined`: it is not revoked. Without a room the revocations of user
   * and application alone are looked at.
   */
  revoked(ticket: {
    readonly sdkAppId: number;
    readonly userId: string;
    readonly room?: string;
    readonly issuedAt: number;
  }): 'revoked' | 'early' | undefined;
}
