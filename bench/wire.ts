import {
  encodeRequest,
  type NoticeName,
  type NoticeParams,
  type Params,
  type RequestName,
  type Result,
} from '@roomkey/protocol';
import { WebSocket } from 'ws';

interface Incoming {
  readonly id?: number;
  readonly method?: NoticeName;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The WebSocket of one member. It reads what comes without checking it, so that it costs less than the server. */
export class Wire {
  /** Hears that the connection has ended, by whomever. */
  onClose: () => void = () => {};
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Incoming) => void>();
  readonly #listeners = new Map<NoticeName, (params: never) => void>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#received(JSON.parse(String(data))));
    socket.on('close', (code, reason) => {
      const error = { message: `the server closed the connection: ${code} ${reason}` };
      this.onClose();
      for (const settle of this.#waiting.values()) settle({ error });
    });
  }

  /** Id of the next request. */
  get nextId(): number {
    return this.#next;
  }

  /** Connects, from a free local port unless one is given, and resolves with the notice `welcome`. */
  static connect(url: string, localPort?: number): Promise<{ wire: Wire; welcome: NoticeParams<'welcome'> }> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false, ...(localPort && { localPort }) });
      const wire = new Wire(socket);
      socket.once('error', reject);
      wire.on('welcome', (welcome) => resolve({ wire, welcome }));
    });
  }

  on<N extends NoticeName>(name: N, listener: (params: NoticeParams<N>) => void): void {
    this.#listeners.set(name, listener);
  }

  request<N extends RequestName>(method: N, params: Partial<Params<N>>): Promise<Result<N>> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as Result<N>);
      });
      this.#socket.send(encodeRequest(id, method, params));
    });
  }

  /** Closes the connection: the member leaves. */
  close(): void {
    this.#socket.close();
  }

  #received({ id, method, params, ...answer }: Incoming): void {
    if (method) {
      this.#listeners.get(method)?.(params as never);
      return;
    }
    const settle = this.#waiting.get(id ?? 0);
    this.#waiting.delete(id ?? 0);
    settle?.(answer);
  }
}
