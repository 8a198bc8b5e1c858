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
import { ChangeLine } from './change-line.ts';
import { PendingRequests } from './pending-requests.ts';
import { RequestPacer } from './request-pacer.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Without an answer for this long the connection counts as dead, in milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * How many seconds' worth of changes are sent at once. The server takes four; the rest is for a network that delivers
 * late what was sent early.
 */
const CHANGES_BURST_SECONDS = 2;

/** Sends one request and yields the server's answer. */
export type Request = <N extends RequestName>(method: N, params: Params<N>) => Promise<Result<N>>;

interface SignalHooks {
  /** The server has accepted the connection. Runs once. */
  onOpen(): void;
  /** A request was answered: what is said here arrives. Runs before the answer is handed on. */
  onAnswer(): void;
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
  readonly #timers: Timers;
  readonly #hooks: SignalHooks;
  readonly #pending: PendingRequests;
  readonly #pacer: RequestPacer;
  readonly #changes: TokenBucket;
  readonly #line: ChangeLine;
  /** Mute changes that have not left yet, by track. */
  readonly #mutes = new Map<string, { muted: boolean; answer?: Promise<unknown> }>();
  #welcomed: (welcome: NoticeParams<'welcome'>) => void = () => {};
  #notWelcomed: (error: Error) => void = () => {};
  #cancelWelcomeTimeout: () => void;
  #closed = false;

  /**
   * `changes` counts the changes of the member. A connection that resumes a seat gets the bucket of the one before.
   * The connection counts as dead when the server has not accepted it within `openMs`.
   */
  constructor(
    open: (events: SocketEvents) => Socket,
    timers: Timers,
    changes: TokenBucket,
    hooks: SignalHooks,
    openMs = ANSWER_TIMEOUT_MS,
  ) {
    this.#timers = timers;
    this.#hooks = hooks;
    this.#changes = changes;
    this.#line = new ChangeLine(timers, changes);
    this.#pending = new PendingRequests(timers);
    this.#pacer = new RequestPacer(timers);
    this.welcome = new Promise((resolve, reject) => {
      this.#welcomed = resolve;
      this.#notWelcomed = reject;
    });
    // Whoever opened the connection may have given it up before it looks.
    this.welcome.catch(() => {});
    this.#cancelWelcomeTimeout = timers.after(openMs, () => this.#lost());
    this.#socket = open({
      onOpen: () => this.#opened(),
      onMessage: (data) => this.#read(data),
      onClose: () => this.#lost(),
    });
  }

  /**
   * Sends a request as soon as the limits of the server allow. Several mute changes of one track that wait are sent as
   * one, with the newest value; each gets the answer to that one.
   *
   * @throws {ServiceError} what the server answered; `connectionLost` when no answer can come any more.
   */
  readonly request: Request = async (method, params) => {
    if (this.#closed) throw new ServiceError('connectionLost');
    const isMute = method === 'setMuted';
    const answer = isMute ? this.#mute(params as Params<'setMuted'>) : this.#send(method, () => params);
    return requests[method].result.parse(await answer) as Result<typeof method>;
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
    this.#line.close();
    this.#pacer.close();
    this.#notWelcomed(new ServiceError('connectionLost', 'The server cannot be reached.'));
    this.#pending.rejectAll(reason);
  }

  #mute({ trackId, muted }: Params<'setMuted'>): Promise<unknown> {
    const waiting = this.#mutes.get(trackId);
    if (waiting?.answer) {
      waiting.muted = muted;
      return waiting.answer;
    }
    const mute: { muted: boolean; answer?: Promise<unknown> } = { muted };
    this.#mutes.set(trackId, mute);
    mute.answer = this.#send('setMuted', () => {
      this.#mutes.delete(trackId);
      return { trackId, muted: mute.muted };
    });
    return mute.answer;
  }

  /** `params` are read when the request leaves. */
  async #send(method: RequestName, params: () => object): Promise<unknown> {
    const { id, answer } = this.#pending.add();
    const send = () => {
      this.#pending.startTimeout(id, ANSWER_TIMEOUT_MS, () => this.#lost());
      this.#socket.send(encodeRequest(id, method, params()));
    };
    // What still waits would come too late.
    if (method === 'exit') this.#line.close();
    this.#line.submit(method, () => this.#pacer.submit(send));
    try {
      return await answer;
    } finally {
      this.#pacer.answered();
    }
  }

  #lost(): void {
    if (this.#closed) return;
    // The server may hear of it, though this end did not hear of the server: the seat shall stay.
    this.close(undefined, this.hasSeat ? closeCodes.comingBack : undefined);
    this.#hooks.onLost();
  }

  /** The way to the server is open; what it says first may take longer. */
  #opened(): void {
    if (this.#closed) return;
    this.#cancelWelcomeTimeout();
    this.#cancelWelcomeTimeout = this.#timers.after(ANSWER_TIMEOUT_MS, () => this.#lost());
    this.#hooks.onOpen();
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
    if (message.type === 'result' || message.type === 'error') this.#hooks.onAnswer();
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
    const { limits } = notice.params;
    this.#pacer.setLimits(limits);
    const { changesPerSecond } = limits;
    if (changesPerSecond !== undefined)
      this.#changes.setRate(changesPerSecond, Math.max(1, changesPerSecond * CHANGES_BURST_SECONDS));
    this.#welcomed(notice.params);
  }
}
