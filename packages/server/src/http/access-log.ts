import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';

/** One debug line per request. Neither queries nor headers nor bodies: they can hold secrets. */
export function accessLog(log: Logger): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const ms = Math.round(performance.now() - startedAt);
    log.debug(
      { method: c.req.method, path: c.req.path.slice(0, 100), status: c.res.status, ms },
      'http request',
    );
  };
}
