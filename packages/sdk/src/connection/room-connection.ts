import { closeCodes, type Notice, type Params, type Result, ServiceError } from '@roomkey/protocol';
import { abortable } from '../calls/queue.ts';
import type { Platform, Socket, SocketEvents, Timers } from '../platform/platform.ts';
import { type Request, SignalClient } from '../signal/client.ts';
import { TokenBucket } from '../signal/token-bucket.ts';
import { Health } from './health.ts';
import { type Direction, MediaHandler } from './media-handler.ts';
import type { OpenPatience } from './open-patience.ts';
import { Paths } from './paths.ts';
import type { PictureReading } from './reading.ts';
import { SoundPatience } from './sound-patience.ts';

/** Everything of an entry but what the browser can do. */
export type Entry = Omit<Params<'enter'>, 'rtpCapabilities'>;

/** What a connection tells the room, from the moment it is entered. */
export interface ConnectionHooks {
  onNotice(notice: Notice): void;
  /** The connection is of no use any more; a new one may be. */
  onLost(): void;
  /** ICE was restarted again and again, and no media gets through. */
  onPathFailed(): void;
  /** All pictures that are received, once a second. */
  onPictures(pictures: readonly PictureReading[]): void;
}

interface EnterOptions {
  readonly platform: Platform;
  readonly url: string;
  readonly entry: Entry;
  /** Open the sending transport at once as well. */
  readonly willSend: boolean;
  /** How long attempts to reach the server may take, in this stay and those before it. */
  readonly patience: OpenPatience;
  /** Number of the attempt to come back, from 1; 0 for an entry that the app asked for. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** How long leaving waits for the server, in milliseconds. */
const EXIT_TIMEOUT_MS = 2000;

/** The server is never given longer to answer, while media is lost, than this many milliseconds. */
const MAX_SILENCE_MS = 8000;

/** How long a silent connection may still answer while others are tried, in milliseconds. */
const DOUBT_MS = 3000;

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
  readonly #paths: Paths;
  readonly #health: Health;
  readonly #soundPatience = new SoundPatience();
  readonly #patience: OpenPatience;
  readonly #stopListening: () => void;
  /** The server counts them for the member, over all of its connections. */
  readonly #changes: TokenBucket;
  #client: SignalClient;
  /** Another connection, which is tried while the present one is silent. */
  #spare: SignalClient | undefined;
  /** How often the present connection fell silent since media last got through. */
  #silences = 0;
  /** How many requests were answered. */
  #answers = 0;
  #hooks: ConnectionHooks | undefined;
  #seat: Seat | undefined;
  #lostAt: number | undefined;

  private constructor({ platform, url, patience, attempt }: EnterOptions) {
    this.#timers = platform.timers;
    this.#patience = patience;
    this.#changes = new TokenBucket(platform.timers);
    this.#openSocket = (events) => platform.openSocket(url, events);
    this.#client = this.#newClient(attempt);
    this.#paths = new Paths(platform.timers, {
      restart: (direction) => this.#restart(direction),
      isConnected: (direction) => this.media.isConnected(direction),
      onBlocked: () => this.#tell((hooks) => hooks.onPathFailed()),
    });
    this.media = new MediaHandler(this.request, platform.timers, {
      onPathConnected: (direction) => {
        this.#paths.connected(direction);
        this.#health.start();
        if (!this.#paths.areLost) this.#silences = 0;
      },
      onPathLost: (direction) => this.#paths.lost(direction),
      onBroken: () => this.#lost(false),
    });
    this.#health = new Health(platform.timers, {
      statistics: (direction) => this.media.statistics(direction),
      onSilent: (direction) => this.#paths.lost(direction),
      onPictures: (pictures) => this.#hooks?.onPictures(pictures),
      onSounds: (sounds) => {
        for (const [trackId, ms] of this.#soundPatience.look(sounds, platform.timers.now()))
          this.media.delay(trackId, ms);
      },
    });
    this.#stopListening = platform.onNetworkChange(() => this.#moved());
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
    const { platform, entry, willSend, signal } = options;
    signal.throwIfAborted();
    const connection = new RoomConnection(options);
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
      // Whose media ended meanwhile cannot go on in this seat.
      if (connection.#lostAt === undefined)
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

  /** A connection over which the seat can be taken up is there already. */
  get hasSpare(): boolean {
    return this.#spare?.closed === false;
  }

  /**
   * Takes the seat up over a new connection; media goes on meanwhile. What comes after it is told when {@link listen} was called.
   * `attempt` is its number, from 1.
   *
   * @throws {ServiceError} the server's refusal, or `connectionLost`
   */
  async resume(attempt: number, signal: AbortSignal): Promise<Result<'resume'>> {
    const seat = this.#seat;
    if (!seat) throw new ServiceError('resumeRefused');
    signal.throwIfAborted();
    this.#hooks = undefined;
    this.#early.length = 0;
    const client = this.#takeSpare() ?? this.#newClient(attempt);
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

  /** After the seat was taken up: restarts ICE where media does not get through. */
  restartLostPaths(): void {
    this.#paths.signalingBack();
  }

  /** Forgets the transports, which the server lost, and everything in them. */
  resetMedia(): void {
    this.media.reset();
    this.#paths.reset();
  }

  /** Tells everything since the entry, and from now on at once. */
  listen(hooks: ConnectionHooks): void {
    this.#hooks = hooks;
    for (const tell of this.#early.splice(0)) tell();
  }

  /** Leaves the room, if the server can be reached, and ends the connection. */
  async exit(): Promise<void> {
    this.#closeMedia();
    const giveUp = new AbortController();
    const cancel = this.#timers.after(EXIT_TIMEOUT_MS, () => {
      giveUp.abort();
      this.close();
    });
    try {
      // Else the others would see the member until its seat is given up.
      if (this.mayResume) await this.resume(1, giveUp.signal);
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
    this.#closeMedia();
    this.#takeSpare()?.close();
    this.#client.close(reason);
  }

  #closeMedia(): void {
    this.#stopListening();
    this.#health.close();
    this.#paths.close();
    this.media.close();
  }

  #newClient(attempt: number): SignalClient {
    const startedAt = this.#timers.now();
    const hooks = {
      onOpen: () => this.#patience.opened(this.#timers.now() - startedAt),
      onAnswer: () => {
        this.#answers += 1;
        // The connection was slow, not dead.
        if (client === this.#client) this.#takeSpare()?.close();
      },
      onNotice: (notice: Notice) => this.#tell((hooks) => hooks.onNotice(notice)),
      onLost: () => {
        if (client === this.#client) this.#lost(true);
      },
    };
    const openMs = this.#patience.of(attempt);
    const client = new SignalClient(this.#openSocket, this.#timers, this.#changes, hooks, openMs);
    return client;
  }

  #takeSpare(): SignalClient | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare?.closed ? undefined : spare;
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
    // Where only one direction is cut, the server hears it: the seat shall stay.
    this.#client.close(undefined, isSeatUseful ? closeCodes.comingBack : undefined);
    this.#paths.signalingLost();
    this.#tell((hooks) => hooks.onLost());
  }

  /** This computer has come into another network. */
  #moved(): void {
    const { directions } = this.media;
    for (const direction of directions) this.#paths.moved(direction);
    // Where there is no media that could get lost, nothing else would show that the connection is dead.
    if (directions.length === 0) this.#restart('recv').catch(() => {});
  }

  /**
   * Restarts ICE. When the server does not answer, it may be the connection: after an outage, TCP repeats what was lost only after
   * as long as the outage took.
   */
  async #restart(direction: Direction): Promise<void> {
    const answers = this.#answers;
    const ms = Math.min(MAX_SILENCE_MS, this.#patience.of(1) * 2 ** this.#silences);
    const cancel = this.#timers.after(ms, () => {
      if (answers === this.#answers) this.#silent();
    });
    try {
      await this.media.restartIce(direction);
    } finally {
      cancel();
    }
  }

  #silent(): void {
    if (this.closed || this.#spare || !this.#seat?.seconds) return;
    this.#silences += 1;
    this.#trySpare(this.#timers.now() + DOUBT_MS);
  }

  /** Tries another connection. When it is there, or none comes up until `end`, the present one is lost, unless that one answers before. */
  #trySpare(end: number): void {
    const spare = this.#newClient(1);
    this.#spare = spare;
    const lost = () => {
      if (this.#spare === spare) this.#lost(true);
    };
    const startedAt = this.#timers.now();
    const failed = () => {
      const now = this.#timers.now();
      // A connection that is refused at once says that the network is there.
      const isRefused = now - startedAt < this.#patience.of(1) / 2;
      if (this.#spare !== spare || isRefused || now >= end) lost();
      else this.#trySpare(end);
    };
    spare.welcome.then(lost, failed);
  }
}
