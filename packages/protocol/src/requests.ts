import * as z from 'zod';
import { limits } from './limits.ts';
import { dtlsParameters, iceParameters, rtpCapabilities, rtpParameters, transportOffer } from './rtp.ts';
import { explanation, member, role, scene, slot } from './shapes.ts';

const opaqueId = z.string().min(1).max(64);
const ticket = z.string().max(limits.ticketLength);
const userId = z.string().max(128);
const authBits = z.union([z.number(), z.string().max(24)]);
const nothing = z.object({});
/** The permission as it is now; the answer comes when the media engine has closed what had to close. */
const changed = z.object({ explanation });

/** Every request a client can make: the shape of its parameters and of its answer, in the order of a call. */
export const requests = {
  /** Asks to be admitted; the first request of a connection. Later ones may follow without waiting for the answer. */
  enter: {
    params: z.object({
      sdkAppId: z.int(),
      userId,
      userSig: ticket,
      roomId: z.number().optional(),
      strRoomId: z.string().max(256).optional(),
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
    result: z.object({
      memberId: z.string(),
      /** The member may use what `explanation.effective` says. */
      explanation,
      /** Others who are inside already. */
      members: z.array(member),
      /** Number of the room's last event; notices with `seq` that follow are higher. */
      seq: z.int(),
    }),
  },
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
   * Wishes to receive a slot of a member, now and whenever that member publishes it; `consumerOpened` follows.
   * `spatialLayer` is the highest simulcast layer wanted (0 lowest; all by default).
   */
  subscribe: {
    params: z.object({ userId, slot, spatialLayer: z.int().min(0).max(2).optional() }),
    result: nothing,
  },
  /** Takes a wish back, or excepts a slot from what is received without asking. */
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
