const sentences = {
  malformed: 'The ticket is not well formed',
  unsafe: 'The user id cannot be signed safely',
  forged: 'The ticket was not signed with a key of this application',
  wrongApplication: 'The ticket belongs to another application',
  wrongUser: 'The ticket belongs to another user',
  wrongRoom: 'The ticket belongs to another room',
  expired: 'The ticket has expired; ask for a new one',
  issuedInFuture: 'The ticket is dated in the future; compare the clocks of issuer and verifier',
  notAPrivateMapKey: 'The ticket is a UserSig; a PrivateMapKey is needed here',
  notAUserSig: 'The ticket is a PrivateMapKey; a UserSig is needed here',
} as const;

/** Why a ticket is refused; `docs/tickets.md` explains each. */
export type TicketErrorReason = keyof typeof sentences;

/** A ticket is refused. Branch on `reason`; the message is for people and never holds a ticket or a key. */
export class TicketError extends Error {
  override readonly name = 'TicketError';
  readonly reason: TicketErrorReason;

  constructor(reason: TicketErrorReason, detail?: string) {
    super(detail === undefined ? `${sentences[reason]}.` : `${sentences[reason]}: ${detail}.`);
    this.reason = reason;
  }
}
