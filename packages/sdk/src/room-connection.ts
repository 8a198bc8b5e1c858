import type { Notice, Params, Result } from '@roomkey/protocol';
import { abortable } from './call-queue.ts';
import { type Direction, MediaHandler } from './media-handler.ts';
import type { Platform, Timers } from './platform.ts';
import { type Request, SignalClient } from './signal-client.ts';

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

/** One connection to a room: signaling and media. It never comes back; the room makes another. */
export class RoomConnection {
  readonly request: Request;
  readonly media: MediaHandler;
  readonly #client: SignalClient;
  readonly #timers: Timers;
  readonly #early: (() => void)[] = [];
  readonly #iceRestarts: Record<Direction, number> = { send: 0, recv: 0 };
  #hooks: ConnectionHooks | undefined;
  #wasLost = false;

  private constructor(platform: Platform, url: string) {
    this.#timers = platform.timers;
    this.#client = new SignalClient((events) => platform.openSocket(url, events), platform.timers, {
      onNotice: (notice) => this.#tell((hooks) => hooks.onNotice(notice)),
      onLost: () => this.#lost(),
    });
    this.request = this.#client.request;
    this.media = new MediaHandler(this.request, {
      onPathConnected: (direction) => {
        this.#iceRestarts[direction] = 0;
      },
      onPathLost: (direction) => this.#pathLost(direction),
      onBroken: () => this.#lost(),
    });
  }

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
      return { connection, answer: await abortable(answering, signal) };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  /** Tells everything since the entry, and from now on at once. */
  listen(hooks: ConnectionHooks): void {
    this.#hooks = hooks;
    for (const tell of this.#early.splice(0)) tell();
  }

  /** Leaves the room, if the server still listens, and ends the connection. */
  async exit(): Promise<void> {
    this.media.close();
    const cancel = this.#timers.after(EXIT_TIMEOUT_MS, () => this.close());
    await this.request('exit', {}).catch(() => {});
    cancel();
    this.close();
  }

  /** Waiting requests are rejected with `reason`, by default `connectionLost`. */
  close(reason?: Error): void {
    this.#hooks = undefined;
    this.#early.length = 0;
    this.media.close();
    this.#client.close(reason);
  }

  #tell(tell: (hooks: ConnectionHooks) => void): void {
    if (this.#hooks) tell(this.#hooks);
    else this.#early.push(() => this.#hooks && tell(this.#hooks));
  }

  #lost(): void {
    if (this.#wasLost) return;
    this.#wasLost = true;
    this.media.close();
    this.#client.close();
    this.#tell((hooks) => hooks.onLost());
  }

  #pathLost(direction: Direction): void {
    this.#iceRestarts[direction] += 1;
    if (this.#iceRestarts[direction] > MAX_ICE_RESTARTS) this.#tell((hooks) => hooks.onPathFailed());
    // When the signaling is gone too, the answer stays out and the connection counts as lost.
    else this.media.restartIce(direction).catch(() => {});
  }
}
