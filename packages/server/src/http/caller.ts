import type { HttpBindings } from '@hono/node-server';

/** What Hono hands to every handler here. */
export interface HttpEnv {
  Bindings: HttpBindings;
}
