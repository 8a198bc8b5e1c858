import type { ObservedKey } from './observed-key.ts';
import type { HeldKey } from './verified-ticket.ts';

/** The PrivateMapKey that a member carries, and what is known of it. */
export interface CarriedKey {
  /** As the client gave it; undefined: none. */
  readonly ticket: string | undefined;
  /** Set once it has passed its check under `enforce`. */
  readonly held?: HeldKey | undefined;
  /** Set under `observe` alone. */
  readonly observed?: ObservedKey | undefined;
}
