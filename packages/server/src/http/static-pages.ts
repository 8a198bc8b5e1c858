import { Hono, type MiddlewareHandler } from 'hono';
import type { HttpEnv } from './caller.ts';
import { keptAnswer } from './kept-answer.ts';
import { keepFiles } from './kept-files.ts';
import { Refusal } from './refusal.ts';
import type { RequestTurns } from './request-turns.ts';
import { demoHeaders, sdkHeaders } from './security-headers.ts';

/** The files of the SDK that pages load, with their source maps. */
const sdkFiles = ['roomkey.js', 'roomkey.esm.js', 'av-room-multi.esm.js'].flatMap((file) => [
  file,
  `${file}.map`,
]);

/** `/sdk/…`: the built SDK as it was at the start, for pages of every origin. */
export function sdkPages(dir: string, turns: RequestTurns): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(sdkHeaders);
  const kept = new Map(keepFiles(dir, (name) => sdkFiles.includes(name)).map((file) => [file.name, file]));
  for (const name of sdkFiles) {
    const file = kept.get(name);
    app.get(`/${name}`, forEveryOrigin, file ? keptAnswer(file, turns) : notBuilt('The SDK'));
  }
  return app;
}

/** `/demo` and `/demo/…`: the demo page as it was at the start. Its links are absolute. */
export function demoPages(dir: string, turns: RequestTurns): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(demoHeaders);
  const answers = new Map(keepFiles(dir).map((file) => [file.name, keptAnswer(file, turns)]));
  const none = answers.size === 0 ? notBuilt('The demo page') : undefined;
  app.get('/*', (c, next) => {
    const name = c.req.path.replace(/^\/demo\/?/, '') || 'index.html';
    return (answers.get(name) ?? none ?? next)(c, next);
  });
  return app;
}

const notBuilt = (what: string) => (): never => {
  throw new Refusal('notFound', `${what} is not built here; run npm run build, then start the server again.`);
};

const forEveryOrigin: MiddlewareHandler = async (c, next) => {
  c.header('Access-Control-Allow-Origin', '*');
  await next();
};
