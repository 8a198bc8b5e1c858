import { limits } from '@roomkey/protocol';
import { type Context, Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Logger } from 'pino';
import { LogSampler } from '../log-sampler.ts';
import { systemClock } from '../system-clock.ts';
import { accessLog } from './access-log.ts';
import type { HttpEnv } from './caller.ts';
import { type DemoTicketOptions, demoTickets } from './demo-tickets.ts';
import { type MetricsPageOptions, metricsPage } from './metrics-page.ts';
import { Refusal } from './refusal.ts';
import type { RequestTurns } from './request-turns.ts';
import { plainHeaders } from './security-headers.ts';
import { demoPages, sdkPages } from './static-pages.ts';
import type { OwnAddress } from './this-computer.ts';

export interface AppOptions {
  readonly log: Logger;
  /** Name and version of the server, told at `/`. */
  readonly server: string;
  /** Where this server is reached on its own computer; read for each request, as the port is known only once it listens. */
  readonly own: () => OwnAddress;
  /** What must hold for `/readyz` to say so, by name. */
  readonly ready: Readonly<Record<string, () => boolean>>;
  /** What `/readyz` says beside that: names of what an operator must look into. */
  readonly warnings?: (() => readonly string[]) | undefined;
  /** `/metrics`; without it there is none. */
  readonly metrics?: MetricsPageOptions | undefined;
  /** Folder of the built SDK. */
  readonly sdkDir: string;
  /** The demo page and its tickets; without it there is none. */
  readonly demo?: (DemoTicketOptions & { readonly dir: string }) | undefined;
  /** When the pieces of large files are handed over. */
  readonly turns: RequestTurns;
  /** Paths that take WebSockets. */
  readonly webSocketPaths: readonly string[];
}

/** Everything that is answered over HTTP. Bodies are bounded before (`request-gate.ts`). */
export function createApp(options: AppOptions): Hono<HttpEnv> {
  const { log, demo, metrics } = options;
  const app = new Hono<HttpEnv>();
  const faults = new LogSampler();
  app.use(accessLog(log), plainHeaders);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, allowed) => notAllowed(c, allowed) }));

  app.get('/', (c) => (demo ? c.redirect('/demo') : c.json(aboutPage(options))));
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', (c) => {
    const checks = Object.fromEntries(Object.entries(options.ready).map(([name, holds]) => [name, holds()]));
    const ready = Object.values(checks).every(Boolean);
    const warnings = options.warnings?.() ?? [];
    return c.json({ ready, checks, ...(warnings.length > 0 ? { warnings } : {}) }, ready ? 200 : 503);
  });
  if (metrics) app.get('/metrics', metricsPage(metrics, options.own));
  for (const path of options.webSocketPaths) app.get(path, webSocketOnly);
  app.route('/sdk', sdkPages(options.sdkDir, options.turns));
  if (demo) mountDemo(app, demo, options);

  app.notFound((c) => c.json(new Refusal('notFound'), 404));
  app.onError((thrown, c) => {
    const refusal = Refusal.of(thrown) ?? (isBrokenOff(c) ? new Refusal('requestIncomplete') : undefined);
    if (!refusal)
      faults.tell('http', systemClock.now(), (leftOut) =>
        log.error({ err: thrown, method: c.req.method, ...leftOut }, 'an http request failed unexpectedly'),
      );
    const { status } = refusal ?? { status: 500 as const };
    if (status === 429 || status === 503) c.header('Retry-After', '1');
    return c.json(refusal ?? new Refusal('internal'), status);
  });
  return app;
}

function mountDemo(
  app: Hono<HttpEnv>,
  demo: DemoTicketOptions & { readonly dir: string },
  { own, turns }: AppOptions,
): void {
  const path = '/demo/tickets';
  app.post(path, demoTickets(demo, own));
  app.all(path, (c) => notAllowed(c, ['POST']));
  app.route('/demo', demoPages(demo.dir, turns));
}

const aboutPage = ({ server, webSocketPaths: [webSocket] }: AppOptions) => ({
  server,
  protocol: limits.protocol,
  webSocket,
  sdk: { script: '/sdk/roomkey.js', module: '/sdk/roomkey.esm.js' },
});

const webSocketOnly = (c: Context<HttpEnv>): Response => {
  c.header('Upgrade', 'websocket');
  return c.json(new Refusal('upgradeRequired'), 426);
};

/** Whether the client went away before it had sent all of its request: that is no fault of ours. */
const isBrokenOff = ({ env: { incoming } }: Context<HttpEnv>): boolean =>
  incoming.destroyed && !incoming.complete;

const notAllowed = (c: Context, allowed: readonly string[]): Response =>
  c.json(new Refusal('methodNotAllowed'), 405, { Allow: allowed.join(', ') });
