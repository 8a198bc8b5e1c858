import { WebSocket } from 'ws';
import type { Notices, Requests } from './messages.ts';

/** A refusal of the server. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** The name of the cause in the error table, like `sendAudioDenied`. */
  readonly refusal: string;

  constructor(refusal: string, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

interface Message {
  readonly id?: number | null;
  readonly method?: keyof Notices;
  readonly params?: never;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly name: string } };
}

interface Pending {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** One WebSocket that speaks JSON-RPC 2.0: requests go out, answers and notices come in. */
export class Wire {
  /** Resolves when the WebSocket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<keyof Notices, (params: never) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        const error = new WireError('connectionLost', `The server closed the connection: ${code} ${reason}`);
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on('message', (data) => this.#received(JSON.parse(data.toString())));
  }

  /** Connects; resolves with the first message, `welcome`. Pings of the server are answered by `ws` itself. */
  static connect(url: string): Promise<{ wire: Wire; welcome: Notices['welcome'] }> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.on('error', (cause) => reject(new Error(`${url} cannot be reached`, { cause })));
      const wire = new Wire(socket);
      wire.on('welcome', (welcome) => resolve({ wire, welcome }));
    });
  }

  /** Hears every notice of one name; one listener each. */
  on<N extends keyof Notices>(name: N, listener: (params: Notices[N]) => void): void {
    this.#listeners.set(name, listener);
  }

  /** @throws {WireError} when the server refuses, or the connection ends before the answer */
  request<N extends keyof Requests>(
    method: N,
    params: Requests[N]['params'],
  ): Promise<Requests[N]['result']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN)
        return reject(new WireError('connectionLost', 'The connection is closed.'));
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** Closes the WebSocket; after `exit` the server does it. */
  close(): void {
    this.#socket.close();
  }

  #received({ id, method, params, result, error }: Message): void {
    if (method) {
      this.#listeners.get(method)?.(params as never);
      return;
    }
    const pending = this.#pending.get(id ?? 0);
    this.#pending.delete(id ?? 0);
    if (error) pending?.reject(new WireError(error.data?.name ?? 'internal', error.message));
    else pending?.resolve(result as never);
  }
}
