/** The rooms: decisions about members, tracks and permissions. No I/O, no clock of their own, no engine. */

export { EventLoopShare } from '../event-loop-share.ts';
export type { MediaFailed } from './context.ts';
export { RecordBudget } from './record/record-budget.ts';
export { RoomHome } from './room-home.ts';
