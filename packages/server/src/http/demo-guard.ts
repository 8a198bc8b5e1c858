import type { Context } from 'hono';
import { type HttpEnv, wasForwarded } from './caller.ts';
import { Refusal } from './refusal.ts';

/** Where this server itself is reached on its own computer. */
export interface OwnAddress {
  readonly secure: boolean;
  /** The port that is listened on. */
  readonly port: number;
}

/**
 * Lets only the demo page through, opened on this computer.
 *
 * A page of another site cannot send our `Origin` (no CSRF), a name of another site that was made to point here does
 * not pass as `Host` (no DNS rebinding), and a request through a proxy is not from this computer.
 *
 * @throws {Refusal} `forwarded`, `hostNotLocal`, `originMissing` or `originForeign`
 */
export function requireDemoPage(c: Context<HttpEnv>, { secure, port }: OwnAddress): void {
  if (wasForwarded(c)) throw new Refusal('forwarded');
  const host = c.req.header('host')?.toLowerCase() ?? '';
  if (!isLocalHost(host, secure ? 443 : 80, port)) throw new Refusal('hostNotLocal');
  const origin = c.req.header('origin');
  if (origin === undefined) throw new Refusal('originMissing');
  if (origin.toLowerCase() !== `${secure ? 'https' : 'http'}://${host}`) throw new Refusal('originForeign');
}

/** Browsers leave the port out where it is the scheme's own. */
function isLocalHost(host: string, schemePort: number, port: number): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].some(
    (name) => host === `${name}:${port}` || (port === schemePort && host === name),
  );
}
