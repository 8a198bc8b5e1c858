import type { NoticeParams } from '@roomkey/protocol';
import type { LeaveReason } from '../../ports/index.ts';
import type { Member } from './member.ts';

/** Why somebody is out who did not ask for it. */
export type Removal = NoticeParams<'removed'>;

/** One member's way out. */
export interface Departure {
  readonly member: Member;
  readonly reason: LeaveReason;
  /** What the member is told before its connection ends; undefined: it has asked for it, or has no connection. */
  readonly removal?: Removal | undefined;
  /** What is on record as the cause, where neither reason nor removal says it. */
  readonly cause?: string | undefined;
}
