import { closeCodes } from '@roomkey/protocol';

/** What is said to the client, and how long it has to answer: 5 s when nothing is given. */
export interface Closing {
  readonly code?: number;
  readonly reason?: string;
  readonly withinMs?: number;
}

/**
 * Why the server ends a connection, and what the client sees of it.
 * Causes without a `code` cut the connection without a closing handshake (a client sees 1006).
 */
export const closeCauses = {
  /** The member asked for it with `exit`. */
  exited: { code: 1000, reason: 'The member has left the room.' },
  stopping: { code: 1001, reason: 'The server is stopping.' },
  binaryFrame: { code: 1003, reason: 'Send text frames only.' },
  /** A message above `maxMessageBytes`. */
  oversized: { code: 1009, reason: 'The message is too large.' },
  /** Not a WebSocket frame, or text that is not UTF-8 (the client then sees 1007). */
  badFrame: { code: 1002, reason: 'Not a WebSocket frame.' },
  /** A message in more fragments, or a frame in more pieces, than anybody needs. */
  tooManyPieces: { code: 1008, reason: 'The message came in too many pieces.' },
  tooManyRequests: { code: 1008, reason: 'Too many requests.' },
  /** More bytes before an entry than anybody needs for one. */
  tooMuchBeforeEntry: { code: 1008, reason: 'Too much was sent before the entry.' },
  unreadable: { code: 1008, reason: 'Too many messages that are not JSON-RPC 2.0 requests.' },
  failed: { code: 1011, reason: 'The server failed.' },
  /** The member came back over another connection, which has its seat now. */
  superseded: { code: 4001, reason: 'The member came back over another connection.', withinMs: 1000 },
  /** The room took the member out; the notice `removed` before it says why. */
  removed: { code: 4000, reason: 'The member was taken out of the room.' },
  /** No `enter` was accepted within `enterSeconds`. */
  enterTimeout: { code: 4408, reason: 'No entry in time.' },
  /** It had not entered, and others needed its place. */
  crowdedOut: {},
  /** The client does not read what is sent to it. */
  slow: {},
  /** A message that had begun did not end in time. */
  unfinished: {},
  /** The client answers no ping. */
  silent: {},
  /** The client closed the connection. */
  left: {},
  /** The connection broke, or the client gave it up to make another. */
  gone: {},
} as const satisfies Record<string, Closing>;

export type CloseCause = keyof typeof closeCauses;

/** No closing handshake took place (RFC 6455, 7.1.5). */
const NO_CLOSE_FRAME = 1006;

/** Why a connection ended that the server did not end. */
export const causeOfClose = (code: number): CloseCause =>
  code === NO_CLOSE_FRAME || code === closeCodes.comingBack ? 'gone' : 'left';

/** Whether the member keeps its seat: what ended may be the network's fault, and the client may come back. */
export const keepsSeat = (cause: CloseCause): boolean =>
  cause === 'slow' || cause === 'unfinished' || cause === 'silent' || cause === 'gone';
