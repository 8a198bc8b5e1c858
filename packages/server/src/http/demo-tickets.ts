import { isRoomId, isStrRoomId, isUserId } from '@roomkey/protocol';
import { TicketIssuer, type UnixTime } from '@roomkey/tickets';
import type { Context, Handler } from 'hono';
import { z } from 'zod';
import { TokenBucket } from '../token-bucket.ts';
import type { HttpEnv } from './caller.ts';
import { requireDemoPage } from './demo-guard.ts';
import { Refusal } from './refusal.ts';
import type { OwnAddress } from './this-computer.ts';

/** Seconds that a ticket of the demo page is good for. */
const demoTicketSeconds = 600;

export interface DemoTicketOptions {
  /** The application `demo` and its active secret key; undefined when it has none now. */
  readonly signer: () => { readonly sdkAppId: number; readonly secretKey: string } | undefined;
  /** Requests per second, averaged; a burst of twice as many is allowed. Default 10. */
  readonly ticketsPerSecond?: number;
  /** Unix seconds. Default: the wall clock. */
  readonly now?: UnixTime;
  /** Milliseconds of a clock that nobody sets. Default `performance.now`. */
  readonly monotonicNow?: () => number;
}

const wish = z.strictObject({
  userId: z.string(),
  roomId: z.number().optional(),
  strRoomId: z.string().optional(),
  permissions: z.int().min(0).max(255),
});

/** `POST /demo/tickets`: the demo page's app server. Signs for the application `demo` alone. */
export function demoTickets(options: DemoTicketOptions, own: () => OwnAddress): Handler<HttpEnv> {
  const perSecond = options.ticketsPerSecond ?? 10;
  const now = options.monotonicNow ?? (() => performance.now());
  const bucket = new TokenBucket({ perSecond, burst: perSecond * 2, now });
  return async (c) => {
    requireDemoPage(c, own());
    if (!/^application\/json *(; *charset="?utf-8"?)?$/i.test(c.req.header('content-type') ?? ''))
      throw new Refusal('contentTypeUnsupported');
    if (!bucket.take()) throw new Refusal('tooManyRequests');
    const tickets = issue(await readWish(c), options);
    return c.json(tickets, 200, { 'Cache-Control': 'no-store' });
  };
}

async function readWish(c: Context<HttpEnv>): Promise<z.infer<typeof wish>> {
  const body: unknown = await c.req.json().catch((error: unknown) => {
    throw error instanceof SyntaxError ? new Refusal('parseError') : error;
  });
  const read = wish.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Refusal('invalidParams', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

function issue(asked: z.infer<typeof wish>, { signer, now }: DemoTicketOptions) {
  const { userId, roomId, strRoomId, permissions } = asked;
  if (!isUserId(userId)) throw new Refusal('userIdIllegal');
  if (roomId === undefined && strRoomId === undefined) throw new Refusal('roomIdMissing');
  if (roomId !== undefined && strRoomId !== undefined)
    throw new Refusal('invalidParams', 'Give a roomId or a strRoomId, not both.');
  if (roomId !== undefined && !isRoomId(roomId)) throw new Refusal('roomIdIllegal');
  if (strRoomId !== undefined && !isStrRoomId(strRoomId)) throw new Refusal('strRoomIdIllegal');
  const application = signer();
  if (!application) throw new Refusal('demoUnavailable');
  const time = Math.floor(typeof now === 'function' ? now() : (now ?? Date.now() / 1000));
  const issuer = new TicketIssuer({ ...application, now: time });
  const privateMapKey =
    strRoomId === undefined
      ? issuer.genPrivateMapKey(userId, demoTicketSeconds, roomId ?? 0, permissions)
      : issuer.genPrivateMapKeyWithStringRoomID(userId, demoTicketSeconds, strRoomId, permissions);
  return {
    sdkAppId: application.sdkAppId,
    userSig: issuer.genUserSig(userId, demoTicketSeconds),
    privateMapKey,
    /** Unix seconds. */
    expiresAt: time + demoTicketSeconds,
  };
}
