import type { Notice, NoticeName, NoticeParams, Params, RequestName, Result } from '@roomkey/protocol';
import { WebSocket } from 'ws';

/** Longest wait for an answer. */
const ANSWER_MS = 30_000;

/** A request that the server refused, that it did not answer in time, or that ended with the connection. */
export class WireRefusal extends Error {
  override readonly name = 'WireRefusal';
  /** The name of the cause in the error table; `connectionLost` or `noAnswer` when there was none. */
  readonly refusal: string;

  constructor(method: string, refusal: string) {
    super(`${method}: ${refusal}`);
    this.refusal = refusal;
  }
}

interface Message {
  readonly id?: number;
  readonly method?: NoticeName;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly data?: { readonly name: string } };
}

interface Pending {
  readonly method: string;
  readonly late: NodeJS.Timeout;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** One WebSocket that speaks the wire, and remembers every frame that it sent. */
export class WireSocket {
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  /** The frames that were sent. */
  readonly sent: string[] = [];
  /** Hears every notice. */
  onNotice: (notice: Notice) => void = () => {};
  /** Hears every answer to what nobody waits for: `done`, or the name of the refusal. */
  onUnasked: (answer: string) => void = () => {};
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #welcome: Promise<NoticeParams<'welcome'>>;
  #nextId = 1;

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve));
    let welcomed: (params: NoticeParams<'welcome'>) => void = () => {};
    this.#welcome = new Promise((resolve) => {
      welcomed = resolve;
    });
    this.#socket.on('message', (data) => {
      const message: Message = JSON.parse(data.toString());
      if (message.method === 'welcome') welcomed(message.params as NoticeParams<'welcome'>);
      else if (message.method) this.onNotice(message as Notice);
      else this.#answered(message);
    });
    void this.closed.then(() => {
      for (const { method, late, reject } of this.#pending.values()) {
        clearTimeout(late);
        reject(new WireRefusal(method, 'connectionLost'));
      }
      this.#pending.clear();
    });
  }

  /** Connects; resolves when the server has said `welcome`. */
  static async open(url: string): Promise<WireSocket> {
    const wire = new WireSocket(url);
    const code = await Promise.race([wire.closed, wire.#welcome.then(() => undefined)]);
    if (code !== undefined) throw new WireRefusal('connect', `closed with ${code}`);
    return wire;
  }

  get welcome(): Promise<NoticeParams<'welcome'>> {
    return this.#welcome;
  }

  /** @throws {WireRefusal} */
  ask<N extends RequestName>(method: N, params: Partial<Params<N>>): Promise<Result<N>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) throw new WireRefusal(method, 'connectionLost');
      const late = setTimeout(() => reject(new WireRefusal(method, 'noAnswer')), ANSWER_MS);
      this.#pending.set(id, { method, late, resolve: resolve as (result: unknown) => void, reject });
      this.say(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** Sends a frame as it is. */
  say(frame: string): void {
    this.sent.push(frame);
    this.#socket.send(frame);
  }

  /** Reads nothing any more, and so answers no ping either. */
  goDeaf(): void {
    this.#socket.pause();
  }

  /** Breaks the connection without a word. */
  break(): void {
    this.#socket.terminate();
  }

  #answered({ id = 0, result, error }: Message): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.late);
    const refusal = error && (error.data?.name ?? 'internal');
    if (!pending) this.onUnasked(refusal ?? 'done');
    else if (refusal !== undefined) pending.reject(new WireRefusal(pending.method, refusal));
    else pending.resolve(result);
  }
}
