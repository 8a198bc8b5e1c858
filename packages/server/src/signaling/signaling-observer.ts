import type { ErrorName, RequestName } from '@roomkey/protocol';
import type { CloseCause } from './close-causes.ts';

/** Hears what happens at the edge, after it happened: metrics. Never throws. */
export interface SignalingObserver {
  connected(): void;
  disconnected(cause: CloseCause): void;
  /** A WebSocket was not accepted: too many connections, or stopping. */
  turnedAway(cause: 'full' | 'stopping'): void;
  /** A request was answered; `error` is its refusal. What could not be read counts as `unreadable`. */
  answered(method: RequestName | 'unreadable', seconds: number, error?: ErrorName): void;
}

/** Hears and does nothing. */
export const silentObserver: SignalingObserver = {
  connected() {},
  disconnected() {},
  turnedAway() {},
  answered() {},
};
