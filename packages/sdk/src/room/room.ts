import {
  errors,
  type Notice,
  type NoticeParams,
  type RemovalReason,
  type Result,
  ServiceError,
} from '@roomkey/protocol';
import type { ReconnectPolicy } from '../calls/options.ts';
import { OpenPatience } from '../connection/open-patience.ts';
import { type Entry, RoomConnection } from '../connection/room-connection.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Publication } from '../local/publication.ts';
import type { Platform } from '../platform/platform.ts';
import type { RemoteMedia } from '../remote/media.ts';
import { RoomPermissions } from './permissions.ts';
import { ReturnPace } from './return-pace.ts';
import { connectionState, next, type RoomHappening, type RoomState } from './state.ts';

interface RoomParts {
  readonly platform: Platform;
  readonly url: string;
  readonly policy: ReconnectPolicy;
  readonly emit: Emit;
  readonly remote: RemoteMedia;
  readonly publications: readonly Publication[];
}

/** How the vendor's event names the reasons for which somebody is put out. */
const kickReasons: Record<
  Exclude<RemovalReason, 'serverStopping' | 'contested'>,
  'kick' | 'banned' | 'room_disband'
> = {
  replaced: 'kick',
  ticket: 'banned',
  kicked: 'banned',
  banned: 'banned',
  revoked: 'banned',
  dismissed: 'room_disband',
};

/** This user's being in a room, over as many connections as that takes. */
export class Room {
  readonly permissions: RoomPermissions;
  readonly #parts: RoomParts;
  #state: RoomState = { at: 'out' };
  #connection: RoomConnection | undefined;
  /** Aborted when the room is left. */
  #stay = new AbortController();
  #cancelRetry = () => {};
  /** When the last attempt to come back began, or the connection was lost. */
  #triedAt = 0;
  readonly #patience = new OpenPatience();
  #pace = new ReturnPace();
  /** How long the first attempt to come back waits at least, in milliseconds. */
  #leastDelay = 0;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    const { emit, publications, platform } = parts;
    this.permissions = new RoomPermissions({ emit, publications, timers: platform.timers });
  }

  get state(): RoomState {
    return this.#state;
  }

  get connection(): RoomConnection | undefined {
    return this.#connection;
  }

  /** @throws {RtcError} `repeatedCall`, `aborted` @throws {ServiceError} the server's refusal, or `connectionLost` */
  async enter(entry: Entry, signal: AbortSignal): Promise<void> {
    if (this.#state.at !== 'out')
      throw new RtcError('repeatedCall', 'You are in a room already; exitRoom first.');
    const stay = new AbortController();
    this.#stay = stay;
    this.#pace = new ReturnPace();
    signal.addEventListener('abort', () => stay.abort(signal.reason), { once: true });
    this.permissions.entering(entry);
    this.#become({ type: 'enter' });
    try {
      await this.#connect(stay.signal);
    } catch (error) {
      this.#leave('api-call');
      throw error;
    }
  }

  /** Leaves the room; does nothing outside of one. */
  async exit(): Promise<void> {
    const connection = this.#connection;
    if (this.#state.at === 'out') return;
    this.#leave('api-call');
    await connection?.exit();
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { platform, url, remote, publications } = this.#parts;
    const current = this.permissions.entry;
    if (!current) return;
    const entry = { ...current };
    entry.autoReceive = { ...entry.autoReceive, audio: remote.sounds.subscriptions.usual };
    const willSend = publications.some(({ wanted }) => wanted);
    const { connection, answer } = await RoomConnection.enter({
      platform,
      url,
      entry,
      willSend,
      patience: this.#patience,
      attempt: this.#attempt,
      signal,
    });
    this.#connection = connection;
    const announce = this.permissions.entered(connection, answer.explanation);
    this.#accepted();
    const { roleSends } = this.permissions;
    for (const publication of publications) publication.connect(connection, roleSends);
    remote.connected(connection, entry, answer);
    announce();
    this.#listen(connection);
  }

  #listen(connection: RoomConnection): void {
    connection.listen({
      onNotice: (notice) => this.#hear(connection, notice),
      onLost: () => this.#dropped(),
      onPictures: (pictures) => this.#parts.remote.mend(pictures),
      onPathFailed: () => {
        const message = 'No media gets through; a firewall may block the ports of the server.';
        this.#fail(new RtcError('mediaPathFailed', message));
      },
    });
  }

  #hear(connection: RoomConnection, notice: Notice): void {
    switch (notice.method) {
      case 'trackClosed': {
        const { trackId, cause, message } = notice.params;
        const error = RtcError.from(ServiceError.fromWire(message, { name: cause }));
        const publication = this.#parts.publications.find((each) => each.trackId === trackId);
        publication?.closedByServer(error);
        return;
      }
      case 'mediaLost':
        connection.resetMedia();
        connection.media.open('recv');
        this.#parts.remote.mediaLost();
        for (const publication of this.#parts.publications) publication.mediaLost(notice.params.trackIds);
        return;
      case 'removed':
        this.#removed(notice.params);
        return;
      case 'permissionChanged':
      case 'keyWillExpire':
      case 'keyRequired':
        this.permissions.hear(notice);
        return;
      default:
        this.#parts.remote.hear(notice);
    }
  }

  #removed({ reason, cause }: NoticeParams<'removed'>): void {
    if (comesBack(reason)) {
      this.#connection?.close();
      this.#dropped();
      return;
    }
    if (cause === undefined) {
      this.#leave(new RtcError('kickedOut', 'The server put this user out of the room.'));
      this.#parts.emit('kicked-out', { reason: kickReasons[reason] });
      return;
    }
    const { code } = ServiceError.fromWire('', { name: cause });
    const refusal = new ServiceError(code);
    this.#leave(RtcError.from(refusal), refusal);
    this.#parts.emit('kicked-out', { reason: kickReasons[reason], cause: code });
  }

  #accepted(): void {
    if (this.#state.at === 'reentering') this.#pace.returned(this.#parts.platform.timers.now());
    this.#become({ type: 'accepted' });
  }

  #dropped(): void {
    if (this.#state.at !== 'inside') return;
    const { publications, remote, platform } = this.#parts;
    const mayResume = this.#connection?.mayResume ?? false;
    if (!mayResume) this.#disconnect();
    this.#become({ type: 'dropped' });
    this.#triedAt = platform.timers.now();
    this.#leastDelay = this.#pace.lost(this.#triedAt);
    if (mayResume) remote.paused();
    else {
      for (const publication of publications) publication.disconnect();
      remote.disconnected();
    }
    this.#retry();
  }

  #retry(lastError?: unknown): void {
    this.#become({ type: 'attempt' });
    if (this.#state.at !== 'reentering') return;
    const { policy, platform } = this.#parts;
    const delay = policy.delayBefore(this.#attempt);
    if (delay === null) {
      this.#fail(rejoinFailed(lastError ?? new ServiceError('connectionLost')));
      return;
    }
    const { timers } = platform;
    const passed = timers.now() - this.#triedAt;
    const wait = this.#attempt === 1 ? Math.max(delay, this.#leastDelay) : delay;
    const isAtOnce = this.#connection?.hasSpare && this.#leastDelay === 0;
    const ms = isAtOnce ? 0 : Math.max(0, wait - passed);
    this.#cancelRetry = timers.after(ms, () => void this.#reenter());
  }

  /** Number of the attempt to come back, from 1; 0 while there is none. */
  get #attempt(): number {
    return this.#state.at === 'reentering' ? this.#state.attempt : 0;
  }

  async #reenter(): Promise<void> {
    const { signal } = this.#stay;
    this.#triedAt = this.#parts.platform.timers.now();
    try {
      const away = this.#connection;
      if (away?.mayResume && (await this.#resume(away, signal))) return;
      if (away) this.#giveUp();
      await this.#connect(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (mayPass(error)) this.#retry(error);
      else this.#fail(rejoinFailed(error));
    }
  }

  /** Takes the seat up again, or hears that there is none to come back to. False: the room has to be entered anew. */
  async #resume(connection: RoomConnection, signal: AbortSignal): Promise<boolean> {
    let answer: Result<'resume'>;
    try {
      answer = await connection.resume(this.#attempt, signal);
    } catch (error) {
      if (!(error instanceof ServiceError) || mayPass(error)) throw error;
      const { removed } = error.data;
      if (!removed || comesBack(removed.reason)) return false;
      this.#removed(removed);
      return true;
    }
    const { publications, remote } = this.#parts;
    const announce = this.permissions.resumed(connection, answer);
    this.#accepted();
    const isMediaKept = connection.media.agreesWith(answer.transports);
    if (!isMediaKept) connection.resetMedia();
    connection.media.open('recv');
    connection.restartLostPaths();
    for (const publication of publications) publication.resumed(answer, isMediaKept);
    remote.resumed(connection, answer, isMediaKept);
    announce();
    this.#listen(connection);
    return true;
  }

  /** The seat is gone, and with it the media that went on. */
  #giveUp(): void {
    this.#disconnect();
    for (const publication of this.#parts.publications) publication.disconnect();
    this.#parts.remote.disconnected();
  }

  /** The room is lost for good. */
  #fail(error: RtcError): void {
    this.#leave(error);
    this.#parts.emit('error', error);
  }

  /** `refusal` is what calls that wait for the server end with. */
  #leave(reason: 'api-call' | RtcError, refusal?: ServiceError): void {
    this.#stay.abort(new RtcError('aborted', 'The room was left.'));
    this.#cancelRetry();
    if (reason !== 'api-call') this.#disconnect(refusal);
    this.#connection = undefined;
    this.permissions.left();
    for (const publication of this.#parts.publications) publication.disconnect(reason);
    if (this.#state.at !== 'entering') this.#parts.remote.left();
    this.#become({ type: 'left' });
  }

  #disconnect(reason?: Error): void {
    this.#connection?.close(reason);
    this.permissions.disconnected();
    this.#connection = undefined;
  }

  #become(happening: RoomHappening): void {
    const prevState = connectionState(this.#state);
    this.#state = next(this.#state, happening);
    const state = connectionState(this.#state);
    if (state === prevState) return;
    const isReconnecting = this.#state.at === 'reentering';
    const change = { prevState, state };
    this.#parts.emit('connection-state-changed', isReconnecting ? { ...change, isReconnecting } : change);
  }
}

/**
 * Whether the room is to be entered again: another process, or the same one after its restart, takes the user in;
 * and whose seat somebody else held too has its tickets, which the other has not.
 */
const comesBack = (reason: RemovalReason): reason is 'serverStopping' | 'contested' =>
  reason === 'serverStopping' || reason === 'contested';

/** Whether a later attempt may succeed; `userAlreadyInside` is then the entry whose connection was lost. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return errors[error.code].retry || error.code === 'userAlreadyInside';
}

function rejoinFailed(error: unknown): RtcError {
  const why = RtcError.from(error);
  return new RtcError(why.cause, `The room could not be entered again: ${why.message}`, {
    numbersOf: 'rejoinFailed',
    originError: why,
  });
}
