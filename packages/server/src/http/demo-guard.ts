import type { Context } from 'hono';
import type { HttpEnv } from './caller.ts';
import { Refusal } from './refusal.ts';
import { type OwnAddress, whyNotThisComputer } from './this-computer.ts';

/**
 * Lets only the demo page through, opened on this computer. A page of another site cannot send our `Origin` (no CSRF).
 *
 * @throws {Refusal} `forwarded`, `addressNotLocal`, `hostNotLocal`, `originMissing` or `originForeign`
 */
export function requireDemoPage(c: Context<HttpEnv>, own: OwnAddress): void {
  const why = whyNotThisComputer(c, own);
  if (why) throw new Refusal(why);
  const origin = c.req.header('origin');
  if (origin === undefined) throw new Refusal('originMissing');
  const page = `${own.secure ? 'https' : 'http'}://${c.req.header('host')?.toLowerCase()}`;
  if (origin.toLowerCase() !== page) throw new Refusal('originForeign');
}
