import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Handler } from 'hono';
import { type HttpEnv, isFromThisComputer } from './caller.ts';
import { Refusal } from './refusal.ts';

export interface MetricsPageOptions {
  readonly contentType: string;
  text(): Promise<string>;
  /** Every caller must send it as `Authorization: Bearer …`; without one only this computer is answered. */
  readonly token?: string | undefined;
}

/** `GET /metrics`: for a Prometheus server. */
export function metricsPage(metrics: MetricsPageOptions): Handler<HttpEnv> {
  return async (c) => {
    requireScraper(c, metrics.token);
    return c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  };
}

function requireScraper(c: Context<HttpEnv>, token: string | undefined): void {
  if (token === undefined) {
    if (!isFromThisComputer(c)) throw new Refusal('metricsNotLocal');
  } else if (!isSame(c.req.header('authorization') ?? '', `Bearer ${token}`)) {
    throw new Refusal('metricsTokenWrong');
  }
}

/** In a time that tells nothing about where the texts differ. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
