import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Largest body that any path takes, in bytes. */
const MAX_BODY_BYTES = 4096;

/** Why a request is not read. */
export type Unread = 'pipelined' | 'lengthRequired' | 'bodyTooLarge';

/**
 * Decides, when the headers of a request were read, whether the rest of it is read too. There are two reasons against it:
 *
 * - Its connection has a request that waits for its answer. HTTP/1.1 allows a client to send more before (pipelining), and
 *   Node.js runs all of them at once, however many there are. No browser and no usual proxy does that.
 * - Its body is large, or comes in chunks and may be. Chunks of one byte cost a thousand times of what they cost the sender.
 */
export class RequestGate {
  readonly #answering = new WeakSet<Duplex>();
  /**
   * For `createServer`. A request that is not read is an offer to upgrade for Node.js, which then reads no further, also not
   * what has come already, and hands the socket over.
   */
  readonly Request = requestThatStops((request) => this.whyUnread(request) !== undefined);

  whyUnread({ socket, headers }: IncomingMessage): Unread | undefined {
    if (this.#answering.has(socket)) return 'pipelined';
    if (headers['transfer-encoding'] !== undefined) return 'lengthRequired';
    return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? 'bodyTooLarge' : undefined;
  }

  /** A request is being answered, until its response is closed. */
  passed({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#answering.add(socket);
    response.once('close', () => this.#answering.delete(socket));
  }
}

function requestThatStops(stops: (request: IncomingMessage) => boolean): typeof IncomingMessage {
  const offers = new WeakMap<IncomingMessage, boolean>();
  /** Node.js asks again with each piece that comes, when the request is perhaps being answered. */
  const decided = new WeakMap<IncomingMessage, boolean>();
  return class extends IncomingMessage {
    /** Read by Node.js when it has the headers. */
    get upgrade(): boolean {
      const known = decided.get(this) ?? (offers.get(this) === true || stops(this));
      decided.set(this, known);
      return known;
    }

    /** Set by Node.js: whether the request offers an upgrade. */
    set upgrade(offered: boolean) {
      offers.set(this, offered);
    }
  };
}
