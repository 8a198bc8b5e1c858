import { existsSync } from 'node:fs';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { HttpEnv } from './caller.ts';
import { Refusal } from './refusal.ts';
import { demoHeaders, sdkHeaders } from './security-headers.ts';

/** The files of the SDK that pages load, with their source maps. */
const sdkFiles = ['roomkey.js', 'roomkey.esm.js', 'av-room-multi.esm.js'].flatMap((file) => [
  file,
  `${file}.map`,
]);

/** `/sdk/…`: the built SDK, for pages of every origin. */
export function sdkPages(dir: string): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(sdkHeaders, cached, etag());
  for (const file of sdkFiles) {
    const found = existsSync(dir) ? [serveStatic<HttpEnv>({ root: dir, path: file })] : [];
    app.get(`/${file}`, forEveryOrigin, ...found, () => {
      throw new Refusal('notFound', 'The SDK is not built here; run npm run build.');
    });
  }
  return app;
}

/** `/demo` and `/demo/…`: the demo page, whose links are absolute. */
export function demoPages(dir: string): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(demoHeaders, cached, etag());
  if (existsSync(dir)) {
    app.get('/*', serveStatic({ root: dir, rewriteRequestPath: (path) => path.replace(/^\/demo/, '') }));
  } else {
    app.get('/*', () => {
      throw new Refusal('notFound', 'The demo page is not built here; run npm run build.');
    });
  }
  return app;
}

/** Asked for again each time: after an update the page and the SDK must not be of two versions. */
const cached: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.res.ok) c.header('Cache-Control', 'no-cache');
};

const forEveryOrigin: MiddlewareHandler = async (c, next) => {
  c.header('Access-Control-Allow-Origin', '*');
  await next();
};
