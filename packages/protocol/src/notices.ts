import * as z from 'zod';
import { consumerOffer, rtpCapabilities } from './rtp.ts';
import { explanation, member, removal, slot, track } from './shapes.ts';

const seq = z.int();
const userId = z.string();
const trackId = z.string();

/** Every notice a server can send. Those with `seq` are events of the room; the number rises. */
export const notices = {
  /** First message of a connection. */
  welcome: z.object({
    protocol: z.int(),
    server: z.string(),
    rtpCapabilities,
    limits: z.object({
      maxMessageBytes: z.int(),
      requestsPerSecond: z.number(),
      changesPerSecond: z.number().optional(),
      pendingRequests: z.int(),
      enterSeconds: z.number(),
      pingSeconds: z.number(),
    }),
  }),
  memberEntered: z.object({ seq, member }),
  memberLeft: z.object({
    seq,
    userId,
    reason: z.enum(['exit', 'timeout', 'replaced', 'removed', 'roleChanged']),
  }),
  trackAdded: z.object({ seq, userId, track }),
  trackMuted: z.object({ seq, userId, trackId, slot, muted: z.boolean() }),
  trackRemoved: z.object({ seq, userId, trackId, slot }),
  /** A track is ready to be received; answer with `consumerReady` when set up. */
  consumerOpened: consumerOffer.extend({ userId, slot }),
  /** The track or the permission is gone, or the subscription ended; with a `cause`, a name of the error table, the server ended it. */
  consumerClosed: z.object({
    consumerId: z.string(),
    userId,
    slot,
    cause: z.string().optional(),
    message: z.string().optional(),
  }),
  /** The picture does not fit through the receiver's link: it waits, so that sound goes on; or it flows again. */
  consumerWaiting: z.object({ consumerId: z.string(), userId, slot, waiting: z.boolean() }),
  /** One of the client's own tracks was closed by the server; `cause` is a name of the error table. */
  trackClosed: z.object({ trackId, slot, cause: z.string(), message: z.string() }),
  /**
   * The member's transports and consumers are gone (a media worker died, or the member was not heard for long).
   * Open transports again, and publish each of these tracks again with its `trackId` within ten seconds.
   */
  mediaLost: z.object({ trackIds: z.array(trackId) }),
  /** What the member may do has changed, or why it may not do the rest; consumers open and close by themselves, lost tracks come as `trackClosed`. */
  permissionChanged: z.object({ before: z.int(), after: z.int(), explanation }),
  /** The PrivateMapKey that the member carries expires soon; `expiresAt` in unix seconds. */
  keyWillExpire: z.object({ expiresAt: z.int() }),
  /** Permission control was switched on; without a good PrivateMapKey within `seconds` the member is out. `cause` is a name of the error table. */
  keyRequired: z.object({ seconds: z.int(), cause: z.string() }),
  /** The member is out; the socket closes next. With reasons `ticket`, `banned` and `revoked` the `cause` is a name of the error table. */
  removed: removal,
} as const;

export type NoticeName = keyof typeof notices;
export type NoticeParams<N extends NoticeName> = z.infer<(typeof notices)[N]>;
/** One notice with its name. */
export type Notice = {
  [N in NoticeName]: { readonly method: N; readonly params: NoticeParams<N> };
}[NoticeName];
