import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClientLimits, encodeNotice, limits, type RtpCapabilities } from '@roomkey/protocol';
import type { Logger } from 'pino';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { addressGroup, TrustedProxies } from '../client-address.ts';
import { ConnectionBook } from '../connection-book.ts';
import { gatherWrites } from '../gathered-writes.ts';
import { LogSampler } from '../log-sampler.ts';
import type { Clock, Home } from '../ports/index.ts';
import type { Channel } from './channel.ts';
import { causeOfClose } from './close-causes.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { doorOf } from './door.ts';
import { readInPieces } from './piece-reader.ts';
import { type SignalingObserver, silentObserver } from './signaling-observer.ts';
import { UnfinishedMessage } from './unfinished-message.ts';

/** Where clients open their WebSocket. */
export const signalingPath = '/rtc';

/** The WebSocket subprotocol; a client may name it and need not. */
const subprotocol = 'roomkey.1';

/** How long a client may take to answer the closing handshake, in milliseconds. */
const closeTimeout = 5000;

/** Frames of one message. Each may keep 64 KB of what came with it in memory; clients send a message in one frame. */
const maxFragments = 64;
/** In how many pieces a frame may come from the network, by its bytes: no piece is kept that is smaller, on average. */
const bytesOfPiece = 128;

export interface SignalingOptions {
  readonly home: Home;
  /** Told to each client in `welcome`. */
  readonly limits: ClientLimits;
  /** Name and version of the server, told in `welcome`. */
  readonly server: string;
  /** What the media plane can send and receive, told in `welcome`. */
  readonly rtpCapabilities: RtpCapabilities;
  /** Most WebSockets at a time. A tenth of them is for members who come back; others do not enter there. */
  readonly maxConnections: number;
  /** Most WebSockets of one address whose members are inside. Default 1000. */
  readonly maxConnectionsPerAddress?: number;
  /** Most WebSockets of one address whose members are not inside; the oldest goes. Default 100. */
  readonly maxOutsidePerAddress?: number;
  /** Proxies that are believed what they say of a client's address. Default none. */
  readonly trustedProxies?: TrustedProxies;
  /** Bytes that may wait for a client that does not read; above it the client is cut off. Default 1 MiB. */
  readonly maxBacklogBytes?: number;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. Default `performance.now`. */
  readonly monotonicNow?: () => number;
  readonly observer?: SignalingObserver;
  readonly log: Logger;
}

/**
 * The WebSocket edge: one {@link Connection} per socket.
 *
 * The origin of a page is not checked: who may enter is decided by tickets inside the messages, which another
 * origin cannot make a browser send, and not by cookies, which it could.
 */
export class SignalingEdge {
  readonly #options: SignalingOptions;
  readonly #connectionOptions: ConnectionOptions;
  readonly #observer: SignalingObserver;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #book: ConnectionBook<WebSocket>;
  #stopping = false;
  #proxyNoted = false;
  #nextId = 1;

  constructor(options: SignalingOptions) {
    const { home, clock, log, rtpCapabilities, server } = options;
    this.#options = options;
    const total = options.maxConnections;
    this.#book = new ConnectionBook({
      total,
      kept: Math.floor(total / 10),
      insidePerAddress: options.maxConnectionsPerAddress ?? 1000,
      outsidePerAddress: options.maxOutsidePerAddress ?? 100,
    });
    this.#observer = options.observer ?? silentObserver;
    this.#connectionOptions = {
      home,
      clock,
      log,
      faults: new LogSampler(),
      limits: options.limits,
      observer: this.#observer,
      maxBacklogBytes: options.maxBacklogBytes ?? 1_048_576,
      monotonicNow: options.monotonicNow ?? (() => performance.now()),
      welcome: encodeNotice('welcome', {
        protocol: limits.protocol,
        server,
        rtpCapabilities,
        limits: toldLimits(options.limits),
      }),
    };
    // Options of ws 8.19 and later; its types do not have them yet.
    const serverOptions: ServerOptions &
      Record<'closeTimeout' | 'maxFragments' | 'maxBufferedChunks', number> = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.maxMessageBytes,
      maxFragments,
      maxBufferedChunks: Math.ceil(options.limits.maxMessageBytes / bytesOfPiece),
      closeTimeout,
      handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
    };
    this.#server = new WebSocketServer(serverOptions);
  }

  /** Open WebSockets. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Takes over an HTTP request that wants to become a WebSocket. False when it does not become one: then it is answered, and
   * whoever owns the socket has to see that it ends.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { trustedProxies = noProxies, log } = this.#options;
    this.#noteProxy(request, trustedProxies);
    const address = addressGroup(trustedProxies.clientOf(request));
    const cause = this.#stopping ? 'stopping' : this.#book.hasRoom() ? undefined : 'full';
    if (cause) {
      this.#observer.turnedAway(cause);
      log.debug({ cause }, 'connection turned away');
      socket.on('error', () => {});
      socket.end(unavailable);
      return false;
    }
    gatherWrites(socket);
    let opened = false;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      opened = true;
      this.#opened(webSocket, socket, address);
    });
    return opened;
  }

  /**
   * Takes no new connections and closes those that are open; resolves when all are closed, at the latest after `withinMs`.
   * Members are told by their rooms, before.
   */
  async stop({ withinMs = 2000 }: { withinMs?: number } = {}): Promise<void> {
    this.#stopping = true;
    const closed = [...this.#connections.keys()].map(
      (webSocket) => new Promise<void>((resolve) => webSocket.once('close', () => resolve())),
    );
    for (const connection of this.#connections.values()) connection.close('stopping');
    const cancel = this.#options.clock.after(withinMs, () => {
      for (const webSocket of this.#connections.keys()) webSocket.terminate();
    });
    await Promise.all(closed);
    cancel();
  }

  /** Says once that a proxy is not believed: all its clients then count as one address. */
  #noteProxy({ socket, headers }: IncomingMessage, trusted: TrustedProxies): void {
    const { remoteAddress = '' } = socket;
    if (this.#proxyNoted || headers['x-forwarded-for'] === undefined || trusted.has(remoteAddress)) return;
    this.#proxyNoted = true;
    this.#options.log.warn(
      { proxy: remoteAddress },
      'somebody forwards connections and is not in ROOMKEY_TRUSTED_PROXIES: they all count as one address',
    );
  }

  #opened(webSocket: WebSocket, socket: Duplex, address: string): void {
    const leaves = this.#book.makeRoom(address);
    if (leaves) {
      this.#book.gone(leaves);
      this.#connections.get(leaves)?.close('crowdedOut');
      // One that is being closed already is not closed again.
      leaves.terminate();
    }
    this.#book.came(webSocket, address);
    const log = this.#options.log.child({ connection: this.#nextId++ });
    const door = doorOf(this.#book, webSocket);
    const channel = channelOf(webSocket, socket, this.#options.clock);
    const connection = new Connection(channel, door, { ...this.#connectionOptions, log });
    this.#connections.set(webSocket, connection);
    const unfinished = new UnfinishedMessage(this.#options.clock, () => connection.close('unfinished'));
    socket.on('data', (bytes: Buffer) => unfinished.read(bytes));
    readInPieces(socket, () => webSocket.readyState === WebSocket.OPEN);
    webSocket.on('message', (data, isBinary) => {
      if (isBinary) connection.close('binaryFrame');
      else connection.received(data.toString());
    });
    webSocket.on('ping', () => connection.pinged());
    webSocket.on('pong', () => connection.ponged());
    webSocket.on('error', (error) => connection.close(causeOf(error)));
    webSocket.on('close', (code) => {
      this.#connections.delete(webSocket);
      unfinished.stop();
      this.#book.gone(webSocket);
      connection.close(causeOfClose(code));
    });
  }
}

/** Only these: whoever hands over a larger object must not publish the rest of it. */
const toldLimits = (given: ClientLimits): ClientLimits => ({
  maxMessageBytes: given.maxMessageBytes,
  requestsPerSecond: given.requestsPerSecond,
  changesPerSecond: given.changesPerSecond,
  pendingRequests: given.pendingRequests,
  enterSeconds: given.enterSeconds,
  pingSeconds: given.pingSeconds,
});

const channelOf = (webSocket: WebSocket, socket: Duplex, clock: Clock): Channel => ({
  get backlog() {
    return webSocket.bufferedAmount;
  },
  // With a callback, a socket that is closing reports to it instead of throwing.
  send: (text) => webSocket.send(text, () => {}),
  ping: () => webSocket.ping(undefined, undefined, () => {}),
  close: (code, reason, withinMs = closeTimeout) => {
    webSocket.close(code, reason);
    throwAway(socket);
    const cancel = clock.after(withinMs, () => webSocket.terminate());
    webSocket.once('close', cancel);
  },
  terminate: () => webSocket.terminate(),
});

/** Ends a socket after what was written. What still comes is not looked at, so that it costs nothing, however much it is. */
function throwAway(socket: Duplex): void {
  socket.removeAllListeners('data');
  socket.resume();
  socket.end();
}

function causeOf(error: Error & { code?: string }): 'oversized' | 'tooManyPieces' | 'badFrame' | 'gone' {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'oversized';
  if (error.code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return 'tooManyPieces';
  return error.code?.startsWith('WS_ERR_') ? 'badFrame' : 'gone';
}

const unavailable =
  'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n';
const noProxies = new TrustedProxies([]);
