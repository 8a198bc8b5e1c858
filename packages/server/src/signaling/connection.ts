import {
  type ClientLimits,
  encodeError,
  encodeResult,
  type RequestName,
  type Result,
  ServiceError,
} from '@roomkey/protocol';
import type { Logger } from 'pino';
import type { LogSampler } from '../log-sampler.ts';
import type { Clock, Home, Seat } from '../ports/index.ts';
import type { Channel } from './channel.ts';
import { type ClientRequest, readRequest, type Unfit } from './client-request.ts';
import { type CloseCause, type Closing, closeCauses, keepsSeat } from './close-causes.ts';
import type { Door } from './door.ts';
import { EntryLink } from './entry-link.ts';
import { EntryPace } from './entry-pace.ts';
import { Heartbeat } from './heartbeat.ts';
import { Pace } from './pace.ts';
import type { SignalingObserver } from './signaling-observer.ts';

/** What all connections of an edge share. */
export interface ConnectionOptions {
  readonly home: Home;
  readonly limits: ClientLimits;
  /** The notice `welcome`, written. */
  readonly welcome: string;
  readonly maxBacklogBytes: number;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicNow: () => number;
  readonly observer: SignalingObserver;
  readonly log: Logger;
  /** Which faults are written into the log. */
  readonly faults: LogSampler;
}

type Phase =
  | { readonly at: 'outside' }
  | { readonly at: 'entering'; readonly waiting: Asked[] }
  | { readonly at: 'inside'; readonly seat: Seat }
  | { readonly at: 'left' };

/** A request with the time of its arrival. */
type Asked = ClientRequest & { readonly arrivedAt: number };
type Enter = Extract<Asked, { name: 'enter' | 'resume' }>;

/** What the client of one WebSocket asked, in its order, carried to the home and back. Decides nothing about rooms. */
export class Connection {
  readonly #channel: Channel;
  readonly #options: ConnectionOptions;
  readonly #door: Door;
  readonly #pace: Pace;
  readonly #entryPace: EntryPace;
  readonly #heartbeat: Heartbeat;
  readonly #cancelEnterTimeout: () => void;
  #phase: Phase = { at: 'outside' };
  #isLate = false;
  #pending = 0;
  /** Of the answer to the entry, until less than a backlog waits again. */
  #entryBytes = 0;
  #over: CloseCause | undefined;

  /** Sends `welcome`. */
  constructor(channel: Channel, door: Door, options: ConnectionOptions) {
    const { clock, limits, monotonicNow } = options;
    this.#channel = channel;
    this.#door = door;
    this.#options = options;
    this.#pace = new Pace(limits, monotonicNow);
    this.#entryPace = new EntryPace(limits.maxMessageBytes, monotonicNow);
    this.#heartbeat = new Heartbeat({
      clock,
      seconds: limits.pingSeconds,
      ping: () => channel.ping(),
      silent: () => this.close('silent'),
    });
    this.#cancelEnterTimeout = clock.after(limits.enterSeconds * 1000, () => this.#late());
    options.observer.connected();
    this.#send(options.welcome);
  }

  /** A text frame came. */
  received(text: string): void {
    if (this.#over) return;
    const verdict = this.#pace.next();
    const isOutside = this.#phase.at === 'outside' || this.#phase.at === 'entering';
    if (isOutside && !this.#entryPace.takes(Buffer.byteLength(text))) this.close('tooMuchBeforeEntry');
    else if (verdict === 'close') this.close('tooManyRequests');
    else this.#read(text, verdict);
  }

  /** A ping came; the WebSocket layer answers it, so it counts as a message. */
  pinged(): void {
    if (this.#over) return;
    if (this.#pace.next() === 'close') this.close('tooManyRequests');
    else if (this.#isSlow(0)) this.close('slow');
  }

  /** A pong came; one that nobody asked for counts as a message. */
  ponged(): void {
    if (this.#over || this.#heartbeat.ponged()) return;
    if (this.#pace.next() === 'close') this.close('tooManyRequests');
  }

  /** Ends the connection, once; the seat of a member who did not leave by itself is dropped. */
  close(cause: CloseCause): void {
    if (this.#over) return;
    this.#over = cause;
    this.#door.closes();
    this.#heartbeat.stop();
    this.#cancelEnterTimeout();
    const phase = this.#phase;
    this.#phase = { at: 'left' };
    // Not at once: the room may be in the middle of telling this very connection something.
    if (phase.at === 'inside') queueMicrotask(() => phase.seat.dropped(keepsSeat(cause) ? 'lost' : 'left'));
    const how: Closing = closeCauses[cause];
    if (how.code === undefined) this.#channel.terminate();
    else this.#channel.close(how.code, how.reason ?? '', how.withinMs);
    this.#options.observer.disconnected(cause);
    this.#options.log.debug({ cause }, 'connection closed');
  }

  #read(text: string, verdict: 'accept' | 'refuse'): void {
    const arrivedAt = this.#options.monotonicNow();
    const request = readRequest(text);
    if ('error' in request) {
      this.#refuseUnfit(request, arrivedAt);
      return;
    }
    const asked: Asked = { ...request, arrivedAt };
    this.#pending += 1;
    if (verdict === 'refuse') this.#refuse(asked, tooMany('Too many requests per second.'));
    else if (this.#pending > this.#options.limits.pendingRequests) {
      this.#refuse(asked, tooMany('Too many requests are waiting for their answer.'));
    } else this.#dispatch(asked);
  }

  #dispatch(asked: Asked): void {
    const phase = this.#phase;
    if (phase.at === 'entering') phase.waiting.push(asked);
    else if (phase.at === 'left') this.#refuse(asked, new ServiceError('notEntered', 'The member has left.'));
    else if (asked.name === 'enter' || asked.name === 'resume') {
      if (phase.at === 'inside') this.#refuse(asked, new ServiceError('alreadyEntered'));
      else if (!this.#entryPace.attempts())
        this.#refuse(asked, tooMany('Too many attempts to enter. Wait a second for each.'));
      else void this.#enter(asked);
    } else if (phase.at === 'outside') this.#refuse(asked, new ServiceError('notEntered'));
    else if (asked.name === 'exit') void this.#exit(asked, phase.seat);
    else void this.#act(asked, phase.seat);
  }

  async #enter(asked: Enter): Promise<void> {
    const waiting: Asked[] = [];
    this.#phase = { at: 'entering', waiting };
    const link = new EntryLink(
      {
        send: (text) => this.#send(text),
        ended: (cause) => this.#ended(cause),
        overflowed: () => this.close('slow'),
      },
      this.#options.maxBacklogBytes,
    );
    try {
      const { home } = this.#options;
      this.#door.enters(asked.name);
      const { seat, result } = await (asked.name === 'enter'
        ? home.enter(asked.params, link)
        : home.resume(asked.params, link));
      this.#seated(asked, seat, result, link);
    } catch (error) {
      link.cut();
      this.#door.notEntered();
      if (this.#phase.at === 'entering') this.#phase = { at: 'outside' };
      this.#refuse(asked, error);
      if (this.#isLate) this.close('enterTimeout');
    }
    for (const next of waiting) this.#dispatch(next);
  }

  /** Who has asked in time gets its answer: it is not its fault that this takes long. */
  #late(): void {
    this.#isLate = true;
    if (this.#phase.at !== 'entering') this.close('enterTimeout');
  }

  #seated(asked: Enter, seat: Seat, result: Result<'enter' | 'resume'>, link: EntryLink): void {
    if (this.#over) {
      link.cut();
      // Who entered and never got the answer has no secret to resume with.
      seat.dropped(asked.name === 'resume' && keepsSeat(this.#over) ? 'lost' : 'left');
      return;
    }
    this.#cancelEnterTimeout();
    this.#door.entered();
    this.#phase = { at: 'inside', seat };
    this.#answer(asked, result);
    link.open();
  }

  async #exit(asked: Extract<Asked, { name: 'exit' }>, seat: Seat): Promise<void> {
    this.#phase = { at: 'left' };
    try {
      this.#answer(asked, await seat.exit(asked.params));
      this.close('exited');
    } catch (error) {
      seat.dropped('left');
      this.#refuse(asked, error);
      this.close('failed');
    }
  }

  async #act(asked: Exclude<Asked, Enter>, seat: Seat): Promise<void> {
    try {
      this.#answer(asked, await call(seat, asked));
    } catch (error) {
      this.#refuse(asked, error);
    }
  }

  /** The seat is no longer this connection's. After `exit` its answer still has to go out, so `#exit` closes. */
  #ended(cause: 'removed' | 'superseded'): void {
    if (this.#phase.at !== 'inside') return;
    this.#phase = { at: 'left' };
    this.close(cause);
  }

  #answer(asked: Asked, result: object): void {
    const text = encodeResult(asked.id, result);
    this.#settle(asked);
    if (asked.name === 'enter' || asked.name === 'resume') this.#sendEntry(text);
    else this.#send(text);
  }

  #refuse(asked: Asked, thrown: unknown): void {
    const error = thrown instanceof ServiceError ? thrown : this.#unexpected(asked, thrown);
    this.#settle(asked, error);
    this.#send(encodeError(asked.id, error));
  }

  #unexpected(asked: Asked, thrown: unknown): ServiceError {
    const { log, faults, clock } = this.#options;
    faults.tell(asked.name, clock.now(), (leftOut) =>
      log.error({ err: thrown, method: asked.name, ...leftOut }, 'a request failed unexpectedly'),
    );
    return new ServiceError('internal');
  }

  #settle({ name, arrivedAt }: Asked, error?: ServiceError): void {
    this.#pending -= 1;
    this.#report(name, arrivedAt, error);
  }

  #refuseUnfit({ id, name, error }: Unfit, arrivedAt: number): void {
    this.#report(name ?? 'unreadable', arrivedAt, error);
    this.#send(encodeError(id, error));
    const isRequest = error.code !== 'parseError' && error.code !== 'invalidRequest';
    if (!isRequest && this.#pace.unreadable() === 'close') this.close('unreadable');
  }

  #report(method: RequestName | 'unreadable', arrivedAt: number, error?: ServiceError): void {
    const ms = this.#options.monotonicNow() - arrivedAt;
    this.#options.observer.answered(method, ms / 1000, error?.code);
    this.#options.log.debug({ method, ms, error: error?.code }, 'request answered');
  }

  /** However large the room is: its answer is sent, and lets no client count as slow while it is on its way. */
  #sendEntry(text: string): void {
    if (this.#over) return;
    this.#entryBytes = Buffer.byteLength(text);
    this.#channel.send(text);
  }

  #send(text: string): void {
    if (this.#over) return;
    if (this.#isSlow(text.length)) this.close('slow');
    else this.#channel.send(text);
  }

  /** Whether more waits for the client, with what is to be sent now, than may. */
  #isSlow(more: number): boolean {
    const { backlog } = this.#channel;
    const { maxBacklogBytes } = this.#options;
    if (backlog <= maxBacklogBytes) this.#entryBytes = 0;
    return backlog + more > maxBacklogBytes + this.#entryBytes;
  }
}

const tooMany = (message: string): ServiceError => new ServiceError('tooManyRequests', message);

/**
 * Calls the seat's method of the same name. `Seat` is typed by `RequestName`: a request without a method does not compile.
 * The compiler cannot see that name and parameters are a pair of the union, hence the cast.
 */
function call(
  seat: Seat,
  { name, params }: Exclude<ClientRequest, { name: 'enter' | 'resume' }>,
): Promise<object> {
  return (seat as unknown as Record<typeof name, (params: object) => Promise<object>>)[name](params);
}
