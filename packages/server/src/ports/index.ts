/** What the core and its surroundings say to each other: interfaces and plain values, one noun a file. */
export type * from './admission.ts';
export type * from './application.ts';
export type * from './application-store.ts';
export type * from './change-timer.ts';
export type * from './clock.ts';
export type * from './decision.ts';
export type * from './home.ts';
export {
  type Journal,
  type JournalRecord,
  type NamedRecord,
  type Recording,
  recorded,
  type TicketFingerprints,
} from './journal.ts';
export type * from './media-plane.ts';
export type * from './restriction-reader.ts';
export type * from './restriction-store.ts';
export type * from './room-control.ts';
export type * from './room-events.ts';
export { roomName } from './room-name.ts';
export { StoreError, type StoreFault } from './store-error.ts';
export type * from './usage-store.ts';
