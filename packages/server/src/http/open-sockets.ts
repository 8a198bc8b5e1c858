import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressGroup, type TrustedProxies } from '../client-address.ts';
import { ConnectionBook } from '../connection-book.ts';
import type { Clock } from '../ports/index.ts';

/** How long a socket may take to end after its request was refused, in milliseconds. */
const END_MS = 5000;

export interface SocketBounds {
  /** Most TCP connections at a time. */
  readonly total: number;
  /** Most of one address that are no WebSockets; connections of trusted proxies are not counted by address. */
  readonly requestsPerAddress: number;
}

/**
 * Every TCP connection of a port, whatever it carries and whoever uses it: nobody else can tell that none is left. When there
 * are too many, the oldest goes that has not become a WebSocket.
 */
export class OpenSockets {
  readonly #book: ConnectionBook<Socket>;
  readonly #proxies: TrustedProxies;
  readonly #clock: Clock;
  /** By their two ends, which a TLS socket and the one that it is made of have in common. */
  readonly #known = new Map<string, Socket>();
  #ofProxies = 0;

  constructor({ total, requestsPerAddress }: SocketBounds, proxies: TrustedProxies, clock: Clock) {
    const outsidePerAddress = requestsPerAddress;
    this.#book = new ConnectionBook({ total, kept: 0, insidePerAddress: total, outsidePerAddress });
    this.#proxies = proxies;
    this.#clock = clock;
  }

  get size(): number {
    return this.#known.size;
  }

  /** A connection was accepted; one that is known is not counted twice. */
  accepted(socket: Socket): void {
    const ends = endsOf(socket);
    if (this.#known.get(ends) === socket) return;
    const { remoteAddress } = socket;
    // Gone already.
    if (remoteAddress === undefined) return void socket.destroy();
    const address = this.#proxies.has(remoteAddress)
      ? `proxy ${this.#ofProxies++}`
      : addressGroup(remoteAddress);
    const leaves = this.#book.makeRoom(address);
    if (!this.#book.hasRoom()) return void socket.destroy();
    leaves?.destroy();
    if (leaves) this.#book.gone(leaves);
    this.#known.set(ends, socket);
    this.#book.came(socket, address);
    socket.once('close', () => {
      if (this.#known.get(ends) === socket) this.#known.delete(ends);
      this.#book.gone(socket);
    });
  }

  /** A connection carries a WebSocket from now on. */
  isWebSocket({ socket }: IncomingMessage): void {
    const known = this.#known.get(endsOf(socket));
    if (known) this.#book.entered(known);
  }

  /** What was taken over for an upgrade and refused: what still comes is thrown away, and it ends, at the latest after 5 s. */
  endSoon(socket: Duplex): void {
    socket.on('error', () => {});
    socket.resume();
    const cancel = this.#clock.after(END_MS, () => socket.destroy());
    socket.once('close', cancel);
  }

  /** Cuts all that are left. */
  destroyAll(): void {
    for (const socket of this.#known.values()) socket.destroy();
  }
}

/** A client may use one port of its own for several addresses of this computer. The port of this end is always the same. */
const endsOf = ({ remoteAddress, remotePort, localAddress }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress}`;
