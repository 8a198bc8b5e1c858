import type { Operand } from '@roomkey/tickets/permissions';

/** Somebody somewhere; `room` is a room key text. */
export interface Whereabouts {
  readonly sdkAppId: number;
  readonly room: string;
  readonly userId: string;
}

/** The newest restrictions, in memory: a check never waits for a database. */
export interface RestrictionReader {
  /** What an operator took from a user in a room. */
  denied(at: Whereabouts): Operand;
  isBanned(at: Whereabouts): boolean;
  /**
   * Whether a revocation revoked a ticket that was signed at `issuedAt` (unix seconds): `revoked` for good,
   * `early` until the second it is dated, `undefined` not. Without a room only those of user and application count.
   */
  revoked(ticket: {
    readonly sdkAppId: number;
    readonly userId: string;
    readonly room?: string;
    readonly issuedAt: number;
  }): 'revoked' | 'early' | undefined;
}
