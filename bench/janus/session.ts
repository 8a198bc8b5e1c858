import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

/** A session description as Janus takes and gives it. */
export interface Jsep {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** What a plugin answers. */
export interface PluginAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly jsep: Jsep | undefined;
}

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: Readonly<Record<string, unknown>> };
  readonly jsep?: Jsep;
}

/** A session ends when it is silent for a minute. */
const keepAliveMs = 20_000;

/** One session of Janus on one WebSocket. */
export class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (message: Message) => void>();
  readonly #timer: NodeJS.Timeout;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#received(JSON.parse(String(data))));
    this.#timer = setInterval(() => void this.#ask({ janus: 'keepalive' }), keepAliveMs);
  }

  /** @throws when nobody listens at the URL */
  static async open(url: string): Promise<JanusSession> {
    const socket = new WebSocket(url, 'janus-protocol', { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const session = new JanusSession(socket);
    const { data } = await session.#ask({ janus: 'create' });
    session.#id = data?.id ?? 0;
    return session;
  }

  /** A new handle of the VideoRoom plugin. */
  async attach(): Promise<number> {
    const { data } = await this.#ask({ janus: 'attach', plugin: 'janus.plugin.videoroom' });
    return data?.id ?? 0;
  }

  /** Sends a request to the plugin and resolves with its answer. */
  async message(handle: number, body: object, jsep?: Jsep): Promise<PluginAnswer> {
    const message = await this.#ask({ janus: 'message', handle_id: handle, body, ...(jsep && { jsep }) });
    const data = message.plugindata?.data ?? {};
    if (data['error']) throw new Error(`Janus: ${data['error']}`);
    return { data, jsep: message.jsep };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.terminate();
  }

  #ask(request: object): Promise<Message> {
    const transaction = randomUUID();
    return new Promise((resolve, reject) => {
      this.#waiting.set(transaction, (message) => {
        if (message.error) reject(new Error(`Janus: ${message.error.reason}`));
        else resolve(message);
      });
      const session = this.#id ? { session_id: this.#id } : {};
      this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
    });
  }

  #received(message: Message): void {
    const { transaction = '', janus } = message;
    // An `ack` says that the plugin will answer later; to a keepalive it is the answer, for which nobody waits.
    if (janus === 'ack') return;
    const settle = this.#waiting.get(transaction);
    this.#waiting.delete(transaction);
    settle?.(message);
  }
}
