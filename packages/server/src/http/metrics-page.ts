import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Handler } from 'hono';
import type { HttpEnv } from './caller.ts';
import { Refusal } from './refusal.ts';
import { type OwnAddress, whyNotThisComputer } from './this-computer.ts';

export interface MetricsPageOptions {
  readonly contentType: string;
  text(): Promise<string>;
  /** Every caller must send it as `Authorization: Bearer …`; without one only this computer is answered. */
  readonly token?: string | undefined;
  /**
   * Nobody is answered without a token. For a server with a public URL: its proxy may stand on this computer and say nothing of
   * itself, and then everybody seems to be here. Default false.
   */
  readonly onlyWithToken?: boolean | undefined;
}

/** `GET /metrics`: for a Prometheus server. */
export function metricsPage(metrics: MetricsPageOptions, own: () => OwnAddress): Handler<HttpEnv> {
  return async (c) => {
    requireScraper(c, metrics, own());
    return c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  };
}

function requireScraper(
  c: Context<HttpEnv>,
  { token, onlyWithToken }: MetricsPageOptions,
  own: OwnAddress,
): void {
  if (token !== undefined) {
    if (!isSame(c.req.header('authorization') ?? '', `Bearer ${token}`))
      throw new Refusal('metricsTokenWrong');
  } else if (onlyWithToken) throw new Refusal('metricsTokenUnset');
  else if (whyNotThisComputer(c, own)) throw new Refusal('metricsNotLocal');
}

/** In a time that tells nothing about where the texts differ. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
