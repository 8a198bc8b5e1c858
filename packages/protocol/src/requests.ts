import * as z from 'zod';
import { limits } from './limits.ts';
import {
  consumerOffer,
  dtlsParameters,
  iceParameters,
  rtpCapabilities,
  rtpParameters,
  transportOffer,
} from './rtp.ts';
import { explanation, member, role, scene, slot } from './shapes.ts';

const opaqueId = z.string().min(1).max(64);
const ticket = z.string().max(limits.ticketLength);
const userId = z.string().max(128);
const authBits = z.union([z.number(), z.string().max(24)]);
const nothing = z.object({});
const roomId = z.number().optional();
const strRoomId = z.string().max(256).optional();
/** Longer than any that this server makes. */
const resumeSecret = z.string().min(1).max(128);
/** The permission as it is now; the answer comes when the media engine has closed what had to close. */
const changed = z.object({ explanation });

/** What everybody is told who has a seat: at the entry, and whenever it was resumed. */
const seated = {
  memberId: z.string(),
  /** The member may use what `explanation.effective` says. */
  explanation,
  /** Others who are inside already. */
  members: z.array(member),
  /** Number of the room's last event; notices with `seq` that follow are higher. */
  seq: z.int(),
  /** With `secret` the seat is resumed; it is kept for `seconds` after the connection was lost. */
  resume: z.object({ secret: z.string(), seconds: z.int() }),
};

/** Every request a client can make: the shape of its parameters and of its answer, in the order of a call. */
export const requests = {
  /** Asks to be admitted; the first request of a connection. Later ones may follow without waiting for the answer. */
  enter: {
    params: z.object({
      sdkAppId: z.int(),
      userId,
      userSig: ticket,
      roomId,
      strRoomId,
      privateMapKey: ticket.optional(),
      scene: scene.default('rtc'),
      role: role.default('anchor'),
      /** What the member asks for of its bits; -1 or its 64-bit spellings (decimal text) mean all. */
      authBits: authBits.optional(),
      /** What the client can receive; without it nothing is ever sent to it. */
      rtpCapabilities: rtpCapabilities.optional(),
      /** Receive every sound / every picture without asking for each. */
      autoReceive: z
        .object({ audio: z.boolean(), video: z.boolean() })
        .default({ audio: true, video: false }),
    }),
    result: z.object(seated),
  },
  /**
   * Takes up a seat whose connection was lost; the first request of a new connection, in the place of `enter`. Answers with
   * what the client needs to go on without the notices that it missed, and with the next secret.
   */
  resume: {
    params: z.object({ sdkAppId: z.int(), roomId, strRoomId, memberId: opaqueId, secret: resumeSecret }),
    result: z.object({
      ...seated,
      role,
      /** The member's transports that exist; where one is missing, its media was lost. */
      transports: z.array(
        z.object({
          transportId: z.string(),
          direction: z.enum(['send', 'recv']),
          /** `connectTransport` has come. */
          connected: z.boolean(),
        }),
      ),
      /** The member's own tracks. */
      tracks: z.array(
        z.object({
          trackId: z.string(),
          slot,
          muted: z.boolean(),
          /** Its media is gone: it waits to be published again with its `trackId`. */
          lost: z.boolean(),
        }),
      ),
      /** The last own track of each slot that the server closed, and why. */
      closed: z.array(z.object({ trackId: z.string(), slot, cause: z.string(), message: z.string() })),
      /** The consumers that are open. */
      consumers: z.array(
        consumerOffer.extend({
          userId: z.string(),
          slot,
          /** `consumerReady` has come. */
          ready: z.boolean(),
          waiting: z.boolean().optional(),
        }),
      ),
    }),
  },
  /** Shows the secret that came with the answer to `resume`: it has arrived, and the one before it ends. */
  confirmResume: { params: z.object({ secret: resumeSecret }), result: nothing },
  /** Opens a transport for one direction. A second one replaces the first, as if the first had been lost with its worker. */
  openTransport: {
    params: z.object({ direction: z.enum(['send', 'recv']) }),
    result: transportOffer,
  },
  /** Gives the client's DTLS fingerprint; the handshake may start. */
  connectTransport: {
    params: z.object({ transportId: opaqueId, dtlsParameters }),
    result: nothing,
  },
  /** New ICE credentials for a transport whose network changed. */
  restartIce: {
    params: z.object({ transportId: opaqueId }),
    result: z.object({ iceParameters }),
  },
  /** Publishes a slot. `trackId` names a track that was lost with its media worker and comes back. */
  publish: {
    params: z.object({
      transportId: opaqueId,
      slot,
      rtpParameters,
      muted: z.boolean().default(false),
      trackId: opaqueId.optional(),
    }),
    result: z.object({ trackId: z.string() }),
  },
  /** Tells the others that a track is muted, and stops forwarding it. */
  setMuted: { params: z.object({ trackId: opaqueId, muted: z.boolean() }), result: nothing },
  /** Ends a track. */
  unpublish: { params: z.object({ trackId: opaqueId }), result: nothing },
  /**
   * Subscribes to a slot of a member, now and whenever that member publishes it; `consumerOpened` follows.
   * `spatialLayer` is the highest simulcast layer wanted (0 lowest; all by default).
   */
  subscribe: {
    params: z.object({ userId, slot, spatialLayer: z.int().min(0).max(2).optional() }),
    result: nothing,
  },
  /** Ends a subscription, or excepts a slot from what is received without asking. */
  unsubscribe: { params: z.object({ userId, slot }), result: nothing },
  /** Says that the client is set up for a consumer; media starts. */
  consumerReady: { params: z.object({ consumerId: opaqueId }), result: nothing },
  /**
   * Changes the role. As an anchor the PrivateMapKey that the member carries is checked again, unless a new one comes
   * with the call; one that is no longer good costs the place in the room where the application says so.
   */
  switchRole: { params: z.object({ role, privateMapKey: ticket.optional() }), result: changed },
  /** Takes a new PrivateMapKey in the place of the one carried; a bad one is refused and the old one stays. */
  updatePrivateMapKey: { params: z.object({ privateMapKey: ticket }), result: changed },
  /** Replaces what the member asks for of what its key holds; in scene `live` the role follows. */
  changeAuthority: { params: z.object({ authBits, privateMapKey: ticket.optional() }), result: changed },
  /** Leaves the room; the server then closes the socket. */
  exit: { params: nothing, result: nothing },
} as const;

export type RequestName = keyof typeof requests;
/** Parameters of a request as they are after parsing (defaults filled in). */
export type Params<N extends RequestName> = z.infer<(typeof requests)[N]['params']>;
/** Answer to a request. */
export type Result<N extends RequestName> = z.infer<(typeof requests)[N]['result']>;
