export type { UnixTime } from './clock.ts';
export { type DecodedTicket, type DecodedUserbuf, decodeTicket } from './decode.ts';
export { ticketFingerprint } from './fingerprint.ts';
export { TicketIssuer, type TicketIssuerOptions } from './issuer.ts';
export * from './permissions/index.ts';
export { TicketError, type TicketErrorReason } from './ticket-error.ts';
export {
  type PrivateMapKeyClaims,
  type UserSigClaims,
  type VerifyOptions,
  type VerifyPrivateMapKeyOptions,
  verifyPrivateMapKey,
  verifyUserSig,
} from './verifier.ts';
