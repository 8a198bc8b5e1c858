import * as z from 'zod';
import { boundedRecord } from './bounded.ts';

/*
 * The ORTC objects of mediasoup (RtpParameters.ts, WebRtcTransport.ts of mediasoup 3.27), bounded:
 * nothing here may be longer than a real browser makes it, and every number has the type and range that
 * mediasoup's messages to its worker (worker/fbs) have for it. They are packed without a check: a number of another
 * type throws half-way through a message, and one out of range becomes another number.
 */

const uint32 = z.int().min(1).max(0xff_ff_ff_ff);

/** Printable ASCII: nothing that ends a line of a session description, or a text of the engine. */
const plain = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\x20-\x7e]*$/);
/** The same without blanks, and not empty. */
const word = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x21-\x7e]*$/);
/** RFC 8843 makes it a token of RFC 4566. */
const mid = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]*$/);
/** RFC 8851. */
const rid = z
  .string()
  .min(1)
  .max(16)
  .regex(/^[A-Za-z0-9_-]*$/);

const kind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof kind>;

/** Whole numbers are packed as signed 32 bits, others as doubles; nothing but numbers and texts is taken. */
const codecParameter = z.union(
  [z.string().max(256), z.int32(), z.number().refine((value) => !Number.isInteger(value))],
  'Must be a text of at most 256 characters, a whole number from -2147483648 to 2147483647, or a fraction',
);
const codecParameters = boundedRecord(z.string().min(1).max(64), codecParameter, 32);
const rtcpFeedback = z.array(z.object({ type: word(32), parameter: plain(32).optional() })).max(16);

const codec = z.object({
  mimeType: z.string().regex(/^(audio|video)\/[A-Za-z0-9.-]{1,32}$/),
  payloadType: z.int().min(0).max(127),
  clockRate: uint32,
  channels: z.int().min(1).max(8).optional(),
  parameters: codecParameters.optional(),
  rtcpFeedback: rtcpFeedback.optional(),
});

const encoding = z.object({
  ssrc: uint32.optional(),
  rid: rid.optional(),
  codecPayloadType: z.int().min(0).max(127).optional(),
  rtx: z.object({ ssrc: uint32 }).optional(),
  dtx: z.boolean().optional(),
  // The engine takes up to 99 layers of each sort, and memory for every pair of them.
  scalabilityMode: z
    .string()
    .max(16)
    .regex(/^[LS][1-3]T[1-3]h?(_KEY(_SHIFT)?)?$/)
    .optional(),
  maxBitrate: uint32.optional(),
});

/** What a track looks like on the wire. */
export const rtpParameters = z.object({
  mid: mid.optional(),
  codecs: z.array(codec).min(1).max(32),
  headerExtensions: z
    .array(
      z.object({
        uri: word(128),
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: codecParameters.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z.array(encoding).min(1).max(8),
  rtcp: z
    .object({
      cname: plain(256).optional(),
      reducedSize: z.boolean().optional(),
      mux: z.boolean().optional(),
    })
    .optional(),
  msid: plain(256).optional(),
});
export type RtpParameters = z.infer<typeof rtpParameters>;

/** What a client can receive. */
export const rtpCapabilities = z.object({
  codecs: z
    .array(
      codec
        .omit({ payloadType: true })
        .extend({ kind, preferredPayloadType: z.int().min(0).max(127).optional() }),
    )
    .max(64),
  headerExtensions: z
    .array(
      z.object({
        kind,
        uri: word(128),
        preferredId: z.int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .optional(),
});
export type RtpCapabilities = z.infer<typeof rtpCapabilities>;

/** Bytes of a fingerprint (RFC 8122). */
const fingerprintBytes = { 'sha-1': 20, 'sha-224': 28, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 } as const;

/** The engine takes any text for one, and compares it with that of the certificate as it is: in capitals. */
const fingerprint = z
  .object({
    algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
    value: z
      .string()
      .max(191)
      .regex(
        /^[0-9A-F]{2}(:[0-9A-F]{2})*$/,
        'Must be hexadecimal bytes in capitals, with colons between them',
      ),
  })
  .refine(({ algorithm, value }) => value.length === fingerprintBytes[algorithm] * 3 - 1, {
    path: ['value'],
    message: 'Must have as many bytes as its algorithm makes',
  });

/** A DTLS role and the fingerprints of a certificate. */
export const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z.array(fingerprint).min(1).max(8),
});
export type DtlsParameters = z.infer<typeof dtlsParameters>;

/** The server's ICE user fragment and password. */
export const iceParameters = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.boolean().optional(),
});
export type IceParameters = z.infer<typeof iceParameters>;

/** All a client needs to make its end of a transport. */
export const transportOffer = z.object({
  transportId: z.string(),
  direction: z.enum(['send', 'recv']),
  iceParameters,
  iceCandidates: z.array(
    z.object({
      foundation: z.string(),
      priority: z.number(),
      address: z.string(),
      ip: z.string(),
      protocol: z.enum(['udp', 'tcp']),
      port: z.int(),
      type: z.literal('host'),
      tcpType: z.literal('passive').optional(),
    }),
  ),
  dtlsParameters,
});
export type TransportOffer = z.infer<typeof transportOffer>;

/** All a client needs to receive one track; sent in `consumerOpened`. */
export const consumerOffer = z.object({
  consumerId: z.string(),
  transportId: z.string(),
  trackId: z.string(),
  kind,
  rtpParameters,
});
export type ConsumerOffer = z.infer<typeof consumerOffer>;
