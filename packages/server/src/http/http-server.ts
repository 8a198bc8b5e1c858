import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { TrustedProxies } from '../client-address.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import type { Clock } from '../ports/index.ts';
import { type AppOptions, createApp } from './app.ts';
import { OpenSockets, type SocketBounds } from './open-sockets.ts';
import { offersWebSocket, servePlainly } from './plain-request.ts';
import { refusedRawly } from './refusal.ts';
import { RequestGate } from './request-gate.ts';
import { RequestTurns } from './request-turns.ts';

/** Takes over requests that want to become a WebSocket. */
interface UpgradeHandler {
  /** False when it does not become one and is answered: the socket then ends by itself, or is ended. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/** Deadlines in milliseconds, so that no connection stays for nothing; and the size of all headers of a request in bytes. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
  // Who sends none is answered like everybody, after it was seen that nothing else waits for its answer.
  requireHostHeader: false,
};
/** Requests over one connection; with the last answer it ends. */
const REQUESTS_PER_SOCKET = 1000;
const tlsLimits = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const;
/** How long an answer may wait for a client that does not read, in milliseconds. WebSockets have deadlines of their own. */
const SILENT_MS = 30_000;
/** When no bounds are given. */
const manySockets: SocketBounds = { total: 10_000, requestsPerAddress: 1000 };

export interface HttpServerOptions extends Omit<AppOptions, 'own' | 'webSocketPaths' | 'turns'> {
  /** Address or name that is listened on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Certificate chain and private key (PEM); with them the server speaks HTTPS and WSS only. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Who takes the WebSockets of which path. */
  readonly webSockets: Readonly<Record<string, UpgradeHandler>>;
  readonly clock: Clock;
  /** Default: 10,000 connections, 1000 of one address that are no WebSockets. */
  readonly sockets?: SocketBounds;
  /** Default none. */
  readonly trustedProxies?: TrustedProxies;
  /** How much is done in one turn of the event loop; default one of its own. */
  readonly share?: EventLoopShare;
}

/** The server cannot listen where it should; the message says why and on what. */
export class HttpListenError extends Error {
  override readonly name = 'HttpListenError';
}

/** One port for pages, health, metrics and WebSockets. */
export class HttpServer {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #sockets: OpenSockets;
  readonly #secure: boolean;
  readonly #host: string;
  #port = 0;
  #stopped: Promise<void> | undefined;

  /** @throws {HttpListenError} when the port is taken, not allowed, or the address not of this computer */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    await server.#listen(options);
    return server;
  }

  private constructor(options: HttpServerOptions) {
    const { tls, clock, webSockets, host, trustedProxies = new TrustedProxies([]) } = options;
    this.#clock = clock;
    this.#secure = tls !== undefined;
    this.#host = host;
    const own = () => ({ secure: this.#secure, port: this.port });
    const turns = new RequestTurns(options.share ?? new EventLoopShare(), trustedProxies);
    const app = createApp({ ...options, own, turns, webSocketPaths: Object.keys(webSockets) });
    const listener = getRequestListener(app.fetch);
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      turns.later(request, () => {
        if (!response.closed) void listener(request, response);
      });
    const gate = new RequestGate();
    const how = { ...limits, IncomingMessage: gate.Request };
    this.#server = tls ? createTlsServer({ ...how, ...tls, ...tlsLimits }) : createServer(how);
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      gate.passed(request, response);
      answer(request, response);
    });
    // What Node.js answers by itself when nobody listens.
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      gate.passed(request, response);
      response.writeContinue();
      answer(request, response);
    });
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      gate.passed(request, response);
      response.writeHead(417).end();
    });
    this.#server.timeout = SILENT_MS;
    this.#server.maxRequestsPerSocket = REQUESTS_PER_SOCKET;
    const { sockets = manySockets } = options;
    this.#sockets = new OpenSockets(sockets, trustedProxies, clock);
    // Above its own bound, which makes room: this one holds also while an event is waiting to be handled.
    this.#server.maxConnections = sockets.total + 1;
    this.#server.on('connection', (socket: Socket) => this.#sockets.accepted(socket));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const unread = gate.whyUnread(request);
      if (unread === 'pipelined') return void socket.destroy();
      if (unread) {
        socket.end(refusedRawly(unread));
        this.#sockets.endSoon(socket);
        return;
      }
      // Nobody else listens until it has its turn.
      socket.on('error', () => socket.destroy());
      turns.later(request, () => {
        if (!socket.destroyed) this.#upgrade(request, socket, head, options);
      });
    });
  }

  /** The port that is listened on. */
  get port(): number {
    return this.#port;
  }

  /** Open TCP connections, WebSockets among them. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Where the server is reached on its own computer. */
  get url(): string {
    const name = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(this.#host) ? 'localhost' : this.#host;
    const host = name.includes(':') ? `[${name}]` : name;
    return `${this.#secure ? 'https' : 'http'}://${host}:${this.port}`;
  }

  /** Takes no new connections and ends idle ones; after `withinMs` the others too. WebSockets end by their edge, before. Idempotent. */
  stop({ withinMs = 2000 }: { withinMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(withinMs);
    return this.#stopped;
  }

  /** To a WebSocket, where there is one; any other offer is not taken up. */
  #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { webSockets, tls }: HttpServerOptions,
  ): void {
    const path = request.url?.split('?', 1)[0] ?? '';
    const handler = offersWebSocket(request) && Object.hasOwn(webSockets, path) && webSockets[path];
    if (!handler) servePlainly(this.#server, tls ? 'secureConnection' : 'connection', request, socket, head);
    else if (handler.upgrade(request, socket, head)) this.#sockets.isWebSocket(request);
    else this.#sockets.endSoon(socket);
  }

  async #stop(withinMs: number): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    let cancelSweep = () => {};
    // Connections that are kept alive become idle only once their answer is out.
    const sweep = () => {
      this.#server.closeIdleConnections();
      cancelSweep = this.#clock.after(20, sweep);
    };
    sweep();
    const cancelEnd = this.#clock.after(withinMs, () => this.#sockets.destroyAll());
    await closed;
    cancelSweep();
    cancelEnd();
  }

  async #listen({ host, port }: HttpServerOptions): Promise<void> {
    try {
      this.#server.listen(port, host);
      await once(this.#server, 'listening');
      this.#port = (this.#server.address() as AddressInfo).port;
    } catch (cause) {
      throw new HttpListenError(whyNot((cause as NodeJS.ErrnoException).code, host, port), { cause });
    }
  }
}

function whyNot(code: string | undefined, host: string, port: number): string {
  const start = `Cannot listen on ${host}, port ${port}: `;
  if (code === 'EADDRINUSE')
    return `${start}another program has this port. Stop it, or choose another port with ROOMKEY_PORT.`;
  if (code === 'EACCES') return `${start}this user may not use this port. Choose one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${start}it is no address of this computer.`;
  return `${start}${code ?? 'an unknown error'}.`;
}
