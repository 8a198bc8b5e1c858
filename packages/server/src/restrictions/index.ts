/** What operators have taken away: denials, bans and revocations. */
export { Restrictions } from './restrictions.ts';
export { type RevokedTickets, revocationTarget, revokedTickets } from './revocation.ts';
