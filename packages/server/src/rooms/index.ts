/** The core: decisions about rooms, members, tracks and permissions. No I/O, no clock of its own, no engine. */
export { ApplicationDirectory, newSecret } from './application-directory.ts';
export { journalApplications } from './application-journal.ts';
export { DEMO_SDK_APP_ID } from './application-rules.ts';
export type * from './application-store.ts';
export type { Journal, JournalRecord, Recording } from './journal.ts';
export { Operator } from './operator.ts';
export { banView, denialView, OperatorLists, revocationView } from './operator-lists.ts';
export type * from './ports.ts';
export type * from './restriction-store.ts';
export { type RestrictionReader, Restrictions } from './restrictions.ts';
export { type HomeCounts, RoomHome } from './room-home.ts';
export type { Home, Seat } from './seat.ts';
export { StoreError, type StoreFault } from './store-error.ts';
