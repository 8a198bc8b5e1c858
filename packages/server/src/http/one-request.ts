import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Lets each connection have one request at a time. HTTP/1.1 allows a client to send more before the first is answered
 * (pipelining), and Node.js runs all of them at once, however many there are. No browser and no usual proxy does that, so a
 * connection that does it is cut.
 */
export class OneRequest {
  readonly #answering = new WeakSet<Duplex>();

  /** A request came; false when it must not be answered, and then its connection is cut. */
  takes({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (!this.isFree(socket)) return false;
    this.#answering.add(socket);
    response.once('close', () => this.#answering.delete(socket));
    return true;
  }

  /** Whether a connection has no request that waits for its answer. One that has is cut. */
  isFree(socket: Duplex): boolean {
    if (this.#answering.has(socket)) socket.destroy();
    return !socket.destroyed;
  }
}
