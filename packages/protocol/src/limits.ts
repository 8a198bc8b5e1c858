/** What one client connection may ask of a server; the server names its own values in `welcome`. */
export interface ClientLimits {
  /** Largest message in bytes; a larger one closes the socket with 1009. */
  readonly maxMessageBytes: number;
  /** Requests per second, averaged; a burst of twice as many is allowed. */
  readonly requestsPerSecond: number;
  /** Changes that others have to follow (publish, unpublish, mute, role, authority, a new key) which a member may make per second, averaged; a burst of four times as many is allowed. */
  readonly changesPerSecond: number;
  /** Requests that may wait for their answer at the same time. */
  readonly pendingRequests: number;
  /** Seconds from the opening of the socket to an accepted `enter`. */
  readonly enterSeconds: number;
  /** Seconds between WebSocket pings of the server; two unanswered ones close the socket. */
  readonly pingSeconds: number;
}

/** Codes of the closing handshake that mean something of their own. */
export const closeCodes = {
  /** Of a client: it gives up the connection and not its seat, and will resume. */
  comingBack: 4002,
} as const;

/** Bounds of the wire that are the same everywhere. */
export const limits = {
  /** Version of this protocol, named in `welcome`. */
  protocol: 1,
  /** Most encodings of a track of each slot, in a codec that carries its layers in several. */
  encodings: { microphone: 1, camera: 3, screen: 2, screenAudio: 1 },
  /** Longest text of a ticket in characters. */
  ticketLength: 16_384,
} as const;
