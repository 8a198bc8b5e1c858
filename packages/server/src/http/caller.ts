import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** What Hono hands to every handler here. */
export interface HttpEnv {
  Bindings: HttpBindings;
}

const forwarding =
  /^(forwarded|via|x-forwarded(-.*)?|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cdn-loop|cf-.*)$/;

/** Whether a proxy says that it stands between: its address then says nothing about the caller. */
export function wasForwarded(c: Context<HttpEnv>): boolean {
  return Object.keys(c.req.header()).some((name) => forwarding.test(name));
}

/** Whether the request was made on this computer, as far as its connection tells. */
export function isFromThisComputer(c: Context<HttpEnv>): boolean {
  const address = c.env.incoming.socket.remoteAddress ?? '';
  return !wasForwarded(c) && /^(127\.|::1$|::ffff:127\.)/.test(address);
}
