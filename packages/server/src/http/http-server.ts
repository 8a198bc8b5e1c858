import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../ports/index.ts';
import { type AppOptions, createApp } from './app.ts';

/** Takes over requests that want to become a WebSocket. */
interface UpgradeHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpServerOptions extends Omit<AppOptions, 'own' | 'webSocketPaths'> {
  /** Address or name that is listened on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Certificate chain and private key (PEM); with them the server speaks HTTPS and WSS only. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Who takes the WebSockets of which path. */
  readonly webSockets: Readonly<Record<string, UpgradeHandler>>;
  readonly clock: Clock;
}

/** The server cannot listen where it should; the message says why and on what. */
export class HttpListenError extends Error {
  override readonly name = 'HttpListenError';
}

/** One port for pages, health, metrics and WebSockets. */
export class HttpServer {
  readonly #server: Server;
  readonly #clock: Clock;
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
    const { tls, clock, webSockets, host } = options;
    this.#clock = clock;
    this.#secure = tls !== undefined;
    this.#host = host;
    const own = () => ({ secure: this.#secure, port: this.port });
    const app = createApp({ ...options, own, webSocketPaths: Object.keys(webSockets) });
    const listener = getRequestListener(app.fetch);
    const settings = { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 };
    this.#server = tls
      ? createTlsServer({ ...settings, ...tls, minVersion: 'TLSv1.2' }, listener)
      : createServer(settings, listener);
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = request.url?.split('?', 1)[0] ?? '';
      if (Object.hasOwn(webSockets, path)) webSockets[path]?.upgrade(request, socket, head);
      else refuseUpgrade(socket);
    });
  }

  /** The port that is listened on. */
  get port(): number {
    return this.#port;
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
    const cancelEnd = this.#clock.after(withinMs, () => this.#server.closeAllConnections());
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

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => {});
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
