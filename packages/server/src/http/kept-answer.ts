import type { Handler } from 'hono';
import type { HttpEnv } from './caller.ts';
import type { KeptFile } from './kept-files.ts';
import type { RequestTurns } from './request-turns.ts';

/** What waits in memory for a client that does not read, in bytes, a few times over. */
const PIECE = 65_536;

/** Answers with a file, or with 304 when the client has it already. */
export function keptAnswer({ bytes, etag, type }: KeptFile, turns: RequestTurns): Handler<HttpEnv> {
  return (c) => {
    c.header('ETag', etag);
    // Asked for again each time: after an update the page and the SDK must not be of two versions.
    c.header('Cache-Control', 'no-cache');
    if (names(c.req.header('if-none-match'), etag)) return c.body(null, 304);
    c.header('Content-Type', type);
    if (bytes.length <= PIECE) return c.body(bytes);
    c.header('Content-Length', String(bytes.length));
    return c.body(inPieces(bytes, () => turns.turnOf(c.env.incoming)));
  };
}

/**
 * The next piece is handed over when the client has taken the one before, because over TLS each is encrypted into memory of
 * its own; and in its turn, because a quick network takes all of a file at once.
 */
function inPieces(
  bytes: Uint8Array<ArrayBuffer>,
  turn: () => Promise<void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await turn();
        controller.enqueue(bytes.subarray(at, at + PIECE));
        at += PIECE;
        if (at >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Whether an `If-None-Match` names an ETag (RFC 9110, 13.1.2: weak ones compare as strong ones do). */
const names = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, ''))) ?? false;
