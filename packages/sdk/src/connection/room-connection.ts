import { type Notice, type Params, type Result, ServiceError } from '@roomkey/protocol';
import { abortable } from '../calls/queue.ts';
import type { Platform, Socket, SocketEvents, Timers } from '../platform/platform.ts';
import { type Request, SignalClient } from '../signal/client.ts';
import { TokenBucket } from '../signal/token-bucket.ts';
import { type Direction, MediaHandler } from './media-handler.ts';

/** Everything of an entry but what the browser can do. */
export type Entry = Omit<Params<'enter'>, 'rtpCapabilities'>;

/** What a connection tells the room, from the moment it is entered. */
export interface ConnectionHooks {
  onNotice(notice: Notice): void;
  /** The connection is of no use any more; a new one may be. */
  onLost(): void;
  /** ICE was restarted again and again, and no media gets through. */
  onPathFailed(): void;
}

interface EnterOptions {
  readonly platform: Platform;
  readonly url: string;
  readonly entry: Entry;
  /** Open the sending transport at once as well. */
  readonly willSend: boolean;
  readonly signal: AbortSignal;
}

/** How long leaving waits for the server, in milliseconds. */
const EXIT_TIMEOUT_MS = 2000;

/** ICE restarts without success in between before a path counts as blocked. */
const MAX_ICE_RESTARTS = 3;

/** The seat of the member, as far as it can be taken up again. */
interface Seat {
  readonly at: Pick<Params<'resume'>, 'sdkAppId' | 'roomId' | 'strRoomId' | 'memberId'>;
  /** The newest that came. Nowhere else. */
  secret: string;
  seconds: number;
}

/** One stay in a room: media, and the signaling that can be lost and taken up again. */
export class RoomConnection {
  readonly media: MediaHandler;
  readonly #timers: Timers;
  readonly #openSocket: (events: SocketEvents) => Socket;
  readonly #early: (() => void)[] = [];
  readonly #iceRestarts: Record<Direction, number> = { send: 0, recv: 0 };
  /** Paths that were lost while nobody could be asked to restart them. */
  readonly #lostPaths = new Set<Direction>();
  /** The server counts them for the member, over all of its connections. */
  readonly #changes: TokenBucket;
  #client: SignalClient;
  #hooks: ConnectionHooks | undefined;
  #seat: Seat | undefined;
  #lostAt: number | undefined;

  private constructor(platform: Platform, url: string) {
    this.#timers = platform.timers;
    this.#changes = new TokenBucket(platform.timers);
    this.#openSocket = (events) => platform.openSocket(url, events);
    this.#client = this.#newClient();
    this.media = new MediaHandler(this.request, {
      onPathConnected: (direction) => {
        this.#iceRestarts[direction] = 0;
        this.#lostPaths.delete(direction);
      },
      onPathLost: (direction) => this.#pathLost(direction),
      onBroken: () => this.#lost(false),
    });
  }

  /** Asks the server, over whatever connection there is now. */
  readonly request: Request = (method, params) => this.#client.request(method, params);

  /**
   * Connects and enters. Requests follow each other without waiting for answers, because each wait is a round trip
   * of the time to the first picture.
   *
   * @throws {ServiceError} the server's refusal, or `connectionLost`
   */
  static async enter(options: EnterOptions): Promise<{
    readonly connection: RoomConnection;
    readonly answer: Result<'enter'>;
  }> {
    const { platform, url, entry, willSend, signal } = options;
    signal.throwIfAborted();
    const connection = new RoomConnection(platform, url);
    try {
      const { rtpCapabilities: offered } = await abortable(connection.#client.welcome, signal);
      const device = await abortable(platform.devices.load(offered), signal);
      const rtpCapabilities = device.recvRtpCapabilities as Params<'enter'>['rtpCapabilities'];
      const answering = connection.request('enter', { ...entry, rtpCapabilities });
      connection.media.start(device);
      connection.media.open('recv');
      if (willSend) connection.media.open('send');
      const answer = await abortable(answering, signal);
      const { sdkAppId, roomId, strRoomId } = entry;
      const { memberId, resume } = answer;
      connection.#client.hasSeat = true;
      connection.#seat = { at: { sdkAppId, roomId, strRoomId, memberId }, ...resume };
      return { connection, answer };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  /** The signaling is lost, and the server may still have the seat. */
  get mayResume(): boolean {
    if (!this.#seat || this.#lostAt === undefined) return false;
    return this.#timers.now() - this.#lostAt < this.#seat.seconds * 1000;
  }

  /**
   * Takes the seat up over a new connection; media goes on meanwhile. What comes after it is told when {@link listen} was called.
   *
   * @throws {ServiceError} the server's refusal, or `connectionLost`
   */
  async resume(signal: AbortSignal): Promise<Result<'resume'>> {
    const seat = this.#seat;
    if (!seat) throw new ServiceError('resumeRefused');
    signal.throwIfAborted();
    this.#hooks = undefined;
    this.#early.length = 0;
    const client = this.#newClient();
    client.hasSeat = true;
    try {
      await abortable(client.welcome, signal);
      const answer = await abortable(client.request('resume', { ...seat.at, secret: seat.secret }), signal);
      Object.assign(seat, answer.resume);
      if (client.closed) throw new ServiceError('connectionLost');
      this.#client = client;
      this.#lostAt = undefined;
      client.request('confirmResume', { secret: seat.secret }).catch(() => {});
      return answer;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Restarts ICE where it was lost while there was no signaling. */
  restartLostPaths(): void {
    for (const direction of this.#lostPaths) this.media.restartIce(direction).catch(() => {});
    this.#lostPaths.clear();
  }

  /** Tells everything since the entry, and from now on at once. */
  listen(hooks: ConnectionHooks): void {
    this.#hooks = hooks;
    for (const tell of this.#early.splice(0)) tell();
  }

  /** Leaves the room, if the server can be reached, and ends the connection. */
  async exit(): Promise<void> {
    this.media.close();
    const giveUp = new AbortController();
    const cancel = this.#timers.after(EXIT_TIMEOUT_MS, () => {
      giveUp.abort();
      this.close();
    });
    try {
      // Else the others would see the member until its seat is given up.
      if (this.mayResume) await this.resume(giveUp.signal);
      await this.request('exit', {});
    } catch {
      // The server takes the member out by itself.
    }
    cancel();
    this.close();
  }

  /** Waiting requests are rejected with `reason`, by default `connectionLost`. */
  close(reason?: Error): void {
    this.#hooks = undefined;
    this.#early.length = 0;
    this.#seat = undefined;
    this.media.close();
    this.#client.close(reason);
  }

  #newClient(): SignalClient {
    const client: SignalClient = new SignalClient(this.#openSocket, this.#timers, this.#changes, {
      onNotice: (notice) => this.#tell((hooks) => hooks.onNotice(notice)),
      onLost: () => {
        if (client === this.#client) this.#lost(true);
      },
    });
    return client;
  }

  #tell(tell: (hooks: ConnectionHooks) => void): void {
    if (this.#hooks) tell(this.#hooks);
    else this.#early.push(() => this.#hooks && tell(this.#hooks));
  }

  /** Without what the server refused, the seat is of no use either. */
  #lost(isSeatUseful: boolean): void {
    if (this.#lostAt !== undefined) return;
    this.#lostAt = this.#timers.now();
    if (!isSeatUseful) this.#seat = undefined;
    if (!this.mayResume) this.media.close();
    this.#client.close();
    this.#tell((hooks) => hooks.onLost());
  }

  #pathLost(direction: Direction): void {
    if (this.closed) {
      this.#lostPaths.add(direction);
      return;
    }
    this.#iceRestarts[direction] += 1;
    if (this.#iceRestarts[direction] > MAX_ICE_RESTARTS) this.#tell((hooks) => hooks.onPathFailed());
    // When the signaling is gone too, the answer stays out and the connection counts as lost.
    else this.media.restartIce(direction).catch(() => this.#lostPaths.add(direction));
  }
}
