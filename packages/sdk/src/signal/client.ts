import {
  closeCodes,
  decodeMessage,
  encodeRequest,
  type Message,
  type Notice,
  type NoticeName,
  type NoticeParams,
  notices,
  type Params,
  type RequestName,
  type Result,
  requests,
  ServiceError,
} from '@roomkey/protocol';
import type { Socket, SocketEvents, Timers } from '../platform/platform.ts';
import { PendingRequests } from './pending-requests.ts';
import { RequestPacer } from './request-pacer.ts';

/** Without an answer for this long the connection counts as dead, in milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Sends one request and yields the server's answer. */
export type Request = <N extends RequestName>(method: N, params: Params<N>) => Promise<Result<N>>;

interface SignalHooks {
  /** Every notice but `welcome`, in order. */
  onNotice(notice: Notice): void;
  /** The connection is over, other than by {@link SignalClient.close}. Runs once. */
  onLost(): void;
}

/** One connection to the server: requests, answers, notices; nothing of what they mean. */
export class SignalClient {
  /** What the server says first; rejects with `connectionLost` when the connection ends before. */
  readonly welcome: Promise<NoticeParams<'welcome'>>;
  /** There is a seat to come back to: a connection that is given up says so. */
  hasSeat = false;
  readonly #socket: Socket;
  readonly #hooks: SignalHooks;
  readonly #pending: PendingRequests;
  readonly #pacer: RequestPacer;
  #welcomed: (welcome: NoticeParams<'welcome'>) => void = () => {};
  #notWelcomed: (error: Error) => void = () => {};
  #cancelWelcomeTimeout: () => void;
  #closed = false;

  constructor(open: (events: SocketEvents) => Socket, timers: Timers, hooks: SignalHooks) {
    this.#hooks = hooks;
    this.#pending = new PendingRequests(timers);
    this.#pacer = new RequestPacer(timers);
    this.welcome = new Promise((resolve, reject) => {
      this.#welcomed = resolve;
      this.#notWelcomed = reject;
    });
    // Whoever opened the connection may have given it up before it looks.
    this.welcome.catch(() => {});
    this.#cancelWelcomeTimeout = timers.after(ANSWER_TIMEOUT_MS, () => this.#lost());
    this.#socket = open({ onMessage: (data) => this.#read(data), onClose: () => this.#lost() });
  }

  /**
   * @throws {ServiceError} what the server answered; `connectionLost` when no answer can come any more.
   */
  readonly request: Request = async (method, params) => {
    if (this.#closed) throw new ServiceError('connectionLost');
    const { id, answer } = this.#pending.add();
    this.#pacer.submit(() => {
      this.#pending.startTimeout(id, ANSWER_TIMEOUT_MS, () => this.#lost());
      this.#socket.send(encodeRequest(id, method, params));
    });
    try {
      return requests[method].result.parse(await answer) as Result<typeof method>;
    } finally {
      this.#pacer.answered();
    }
  };

  get closed(): boolean {
    return this.#closed;
  }

  /** Ends the connection; waiting requests are rejected with `reason`, by default `connectionLost`. */
  close(reason: Error = new ServiceError('connectionLost'), code?: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelWelcomeTimeout();
    this.#socket.close(code);
    this.#pacer.close();
    this.#notWelcomed(new ServiceError('connectionLost', 'The server cannot be reached.'));
    this.#pending.rejectAll(reason);
  }

  #lost(): void {
    if (this.#closed) return;
    // The server may hear of it, though this end did not hear of the server: the seat shall stay.
    this.close(undefined, this.hasSeat ? closeCodes.comingBack : undefined);
    this.#hooks.onLost();
  }

  #read(data: unknown): void {
    if (this.#closed) return;
    let message: Message;
    try {
      message = decodeMessage(String(data));
    } catch {
      // A server that does not speak this protocol is no server.
      this.#lost();
      return;
    }
    if (message.type === 'result') this.#pending.settle(message.id, { result: message.result });
    else if (message.type === 'error') this.#pending.settle(message.id, { error: message.error });
    else if (message.type === 'notice') this.#readNotice(message.method, message.params);
  }

  #readNotice(method: string, params: unknown): void {
    if (!Object.hasOwn(notices, method)) return; // A newer server may say more than this client knows.
    const name = method as NoticeName;
    const parsed = notices[name].safeParse(params);
    if (!parsed.success) return;
    const notice = { method: name, params: parsed.data } as Notice;
    if (notice.method !== 'welcome') {
      this.#hooks.onNotice(notice);
      return;
    }
    this.#cancelWelcomeTimeout();
    this.#pacer.setLimits(notice.params.limits);
    this.#welcomed(notice.params);
  }
}
