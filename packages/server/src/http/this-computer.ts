import type { Context } from 'hono';
import type { HttpEnv } from './caller.ts';

/** Where this server itself is reached on its own computer. */
export interface OwnAddress {
  readonly secure: boolean;
  /** The port that is listened on. */
  readonly port: number;
}

const forwarding =
  /^(forwarded|via|x-forwarded(-.*)?|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cdn-loop|cf-.*)$/;

/**
 * Why a request does not count as made on this computer; undefined when it does. All three have to hold:
 *
 * - its connection comes from this computer;
 * - no proxy says that it stands between, because then the connection says nothing about the caller;
 * - its `Host` is a name of this computer, with the port of this server. The page of another site, whose name was made to point
 *   here (DNS rebinding), sends its own name.
 *
 * A proxy on this computer that says nothing and sends our own name as `Host` cannot be told from a program here.
 */
export function whyNotThisComputer(
  c: Context<HttpEnv>,
  { secure, port }: OwnAddress,
): 'forwarded' | 'addressNotLocal' | 'hostNotLocal' | undefined {
  if (Object.keys(c.req.header()).some((name) => forwarding.test(name))) return 'forwarded';
  if (!/^(127\.|::1$|::ffff:127\.)/.test(c.env.incoming.socket.remoteAddress ?? '')) return 'addressNotLocal';
  const host = c.req.header('host')?.toLowerCase() ?? '';
  return isLocalHost(host, secure ? 443 : 80, port) ? undefined : 'hostNotLocal';
}

/** Browsers leave the port out where it is the scheme's own. */
const isLocalHost = (host: string, schemePort: number, port: number): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].some(
    (name) => host === `${name}:${port}` || (port === schemePort && host === name),
  );
