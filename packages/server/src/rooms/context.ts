import type { RoomRef } from '@roomkey/protocol';
import type { EventLoopShare } from '../event-loop-share.ts';
import type {
  Application,
  ChangeTimer,
  Clock,
  EventListener,
  Journal,
  MediaPlane,
  RestrictionReader,
} from '../ports/index.ts';
import type { OpeningSemaphore } from './media/semaphore.ts';
import type { ShutSlots } from './state/shut-slots.ts';

/** Hears that a call of the plane failed that nobody waits for, and of which member it was, if of one. */
export type MediaFailed = (
  error: unknown,
  of?: { readonly sdkAppId: number; readonly room: string; readonly userId: string },
) => void;

/** What all rooms of a process work with. */
export interface RoomContext {
  readonly plane: MediaPlane;
  readonly clock: Clock;
  /** An id that nobody has had before. */
  readonly newId: () => string;
  readonly openings: OpeningSemaphore;
  readonly shutSlots: ShutSlots;
  readonly share: EventLoopShare;
  readonly mediaFailed: MediaFailed;
  /** Something was thrown that should not have been, where nobody waits for an answer. */
  readonly fault: (error: unknown) => void;
  /** What operators have taken away. */
  readonly restrictions: RestrictionReader;
  /** Hears what happened. Never throws. */
  readonly heard: EventListener;
  readonly changeTimer: ChangeTimer;
  readonly journal: Journal;
  /** Most members of one room who may send at a time. */
  readonly maxSendersPerRoom: number;
  /** Seconds that a member whose connection was lost keeps its seat; 0: it leaves at once. */
  readonly seatSeconds: number;
  /** Changes that make others work which a member may make in a second, on average. */
  readonly changesPerSecond: number;
}

/** Which room something belongs to. */
export interface RoomIdentity {
  readonly sdkAppId: number;
  readonly ref: RoomRef;
  /** Room key text. */
  readonly roomKey: string;
  /** Names the room among all rooms of all applications, in logs and metrics. */
  readonly name: string;
  /** Names this life of the room at the media plane: a room that ended and exists again is another. */
  readonly lifeId: string;
  /** The newest state of the room's application; throws `applicationUnknown` when there is none. */
  readonly application: () => Application;
}
