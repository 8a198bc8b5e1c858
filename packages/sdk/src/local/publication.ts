import { type Result, ServiceError } from '@roomkey/protocol';
import type { types } from 'mediasoup-client';
import { CallQueue } from '../calls/queue.ts';
import type { Encoding } from '../connection/encoding.ts';
import type { SentTrack } from '../connection/media-handler.ts';
import type { RoomConnection } from '../connection/room-connection.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit, PublishState, Slot } from '../events/events.ts';
import type { Timers } from '../platform/platform.ts';

/** What a slot sends. */
export interface Source {
  readonly track: MediaStreamTrack;
  readonly encodings?: readonly Encoding[];
  readonly codecOptions?: types.ProducerCodecOptions;
  readonly codec?: string;
}

const mediaTypes = { microphone: 'audio', camera: 'video', screen: 'screen', screenAudio: 'screen' } as const;

/** Milliseconds after which a track is offered again to a server whose media engine did not answer. */
const RETRY_MS = 1000;

/** The server's answer to a change that goes on while other calls run. */
export interface Told {
  readonly told?: Promise<unknown> | undefined;
}

interface Sending {
  readonly connection: RoomConnection;
  readonly sent: SentTrack;
  /** What the sender was last told. */
  track: MediaStreamTrack;
  /** What the server was last told; undefined when it did not take it. */
  muted: boolean | undefined;
  /** The server's answer to that. */
  told: Promise<unknown>;
}

/**
 * One slot of this user. It is told what shall be (source, wanted, muted, connection) and works towards that,
 * one step after the other. A change that comes meanwhile replaces the older one.
 */
export class Publication {
  readonly slot: Slot;
  readonly #emit: Emit;
  readonly #timers: Timers;
  readonly #queue = new CallQueue();
  #source: Source | undefined;
  #wanted = false;
  #muted = false;
  #connection: RoomConnection | undefined;
  #sending: Sending | undefined;
  #state: PublishState = 'stopped';
  /** The id under which a track that was lost with its media worker comes back. */
  #lostTrackId: string | undefined;

  #cancelRetry = () => {};
  #failure: RtcError | undefined;
  /** The role does not send. */
  #resting = false;
  /** It would be sent in another role. */
  #waiting = false;

  constructor(slot: Slot, timers: Timers, emit: Emit) {
    this.slot = slot;
    this.#timers = timers;
    this.#emit = emit;
  }

  /** The track would be sent if there were a room. */
  get wanted(): boolean {
    return this.#wanted && this.#source !== undefined;
  }

  /** It is not sent because of the role, and will be with a role that sends. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** The server's id of the track, while it is published. */
  get trackId(): string | undefined {
    return this.#sending?.sent.trackId;
  }

  /**
   * Sends this from now on, in the place of an earlier source.
   *
   * @throws {RtcError} the server's refusal. The publication is then no longer wanted.
   */
  start(source: Source, muted: boolean): Promise<void> {
    this.#source = source;
    this.#muted = muted;
    this.#wanted = true;
    this.#waiting = false;
    this.#failure = undefined;
    return this.#work();
  }

  /**
   * Another track in the same encoding.
   *
   * @throws {RtcError} the refusal of the browser, or of the server if it was to be published only now; the track before is then
   * the source again
   */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    const before = this.#source;
    if (before) this.#source = { ...before, track };
    try {
      await this.#work();
    } catch (error) {
      if (before && this.#source?.track === track) this.#source = { ...this.#source, track: before.track };
      throw error;
    }
  }

  /**
   * Other encodings, now and whenever the track is published again. `planned` makes them for the codec of the track.
   *
   * @throws the browser's refusal; then nothing changed
   */
  async encode(planned: (codec?: string) => readonly Encoding[]): Promise<void> {
    const before = this.#source;
    if (!before) return;
    const encodings = planned(before.codec);
    this.#source = { ...before, encodings };
    const sending = this.#sending;
    try {
      await sending?.sent.setEncodings(encodings);
    } catch (error) {
      if (this.#sending !== sending) return;
      if (before.encodings && this.#source?.encodings === encodings)
        this.#source = { ...this.#source, encodings: before.encodings };
      throw error;
    }
  }

  /** Mutes what is sent. It does not wait for the server: `told` settles with its answer, or is rejected with its refusal. */
  async setMuted(muted: boolean): Promise<Told> {
    this.#muted = muted;
    await this.#work();
    return { told: this.#sending?.told };
  }

  /** Ends sending because the app asked for it, or because `error` made it impossible. */
  stop(error?: RtcError): Promise<void> {
    this.#wanted = false;
    this.#waiting = false;
    this.#failure = error;
    return this.#work();
  }

  /** The role will not send: what is sent stops and waits for {@link resume}. Settles when the server was told. */
  rest(): Promise<void> {
    this.#resting = true;
    if (this.wanted) {
      this.#wanted = false;
      this.#waiting = true;
      this.#failure = undefined;
    }
    return this.#work();
  }

  /** The role sends: so does what waited for that. Failures are raised as events. */
  resume(): void {
    this.#resting = false;
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#wanted = true;
    this.#work().catch(() => {});
  }

  /** The room was entered anew: sends there. Failures are raised as events. */
  connect(connection: RoomConnection, roleSends: boolean): void {
    this.#connection = connection;
    this.#resting = !roleSends;
    this.#lostTrackId = undefined;
    this.#work().catch(() => {});
  }

  /**
   * The connection was away, and the seat is taken up again: what the server has in this slot is brought to what shall be.
   * Failures are raised as events.
   */
  resumed({ tracks, closed }: Pick<Result<'resume'>, 'tracks' | 'closed'>, isMediaKept: boolean): void {
    this.#cancelRetry();
    const own = this.trackId ?? this.#lostTrackId;
    const end = closed.find(({ trackId }) => trackId === own);
    if (end) {
      this.closedByServer(RtcError.from(ServiceError.fromWire(end.message, { name: end.cause })));
      return;
    }
    const there = tracks.find(({ slot }) => slot === this.slot);
    const mayStay = there?.trackId === own && (this.#sending ? isMediaKept : there?.lost);
    if (there && mayStay) {
      if (this.#sending) Object.assign(this.#sending, { muted: there.muted, told: Promise.resolve() });
    } else if (there && there.trackId === own && !isMediaKept) {
      this.mediaLost([there.trackId]);
      return;
    } else {
      // Published with a request whose answer was lost, or ended here while nobody could be told.
      const { trackId } = there ?? {};
      if (trackId !== undefined) this.#connection?.request('unpublish', { trackId }).catch(() => {});
      this.#lostTrackId = undefined;
      if (this.#sending) {
        this.#sending.sent.close();
        this.#sending = undefined;
        if (this.wanted) this.#become('starting');
      }
    }
    this.#work().catch(() => {});
  }

  /** The connection is gone. `reason` ends the publication's state, without one it will be taken up again. */
  disconnect(reason?: 'api-call' | RtcError): void {
    this.#cancelRetry();
    this.#connection = undefined;
    this.#sending?.sent.close();
    this.#sending = undefined;
    if (reason === undefined) {
      if (this.wanted) this.#become('starting');
      return;
    }
    // In another room the role is another.
    this.#wanted ||= this.#waiting;
    this.#waiting = false;
    if (reason === 'api-call') this.#become('stopped', 'api-call');
    else this.#become('stopped', 'error', reason);
  }

  /** The transports are gone, and with them these tracks; the connection lives. */
  mediaLost(trackIds: readonly string[]): void {
    const trackId = this.trackId;
    this.#sending = undefined;
    if (trackId !== undefined && trackIds.includes(trackId)) this.#lostTrackId = trackId;
    this.#work().catch(() => {});
  }

  /** The server closed the track. The app may publish again. */
  closedByServer(error: RtcError): void {
    this.#wanted = false;
    this.#failure = error;
    this.#sending?.sent.close();
    this.#sending = undefined;
    this.#become('stopped', 'error', error);
  }

  #work(): Promise<void> {
    return this.#queue.runToEnd(() => this.#step());
  }

  async #step(): Promise<void> {
    this.#cancelRetry();
    const source = this.#source;
    const connection = this.#connection;
    if (!this.#wanted || !source) {
      this.#end();
      return;
    }
    if (!connection) return;
    if (!this.#sending) await this.#begin(connection, source);
    else await this.#adapt(this.#sending, source);
  }

  #end(): void {
    const trackId = this.trackId ?? this.#lostTrackId;
    this.#sending?.sent.close();
    this.#sending = undefined;
    this.#lostTrackId = undefined;
    if (trackId !== undefined) this.#connection?.request('unpublish', { trackId }).catch(() => {});
    if (this.#failure) this.#become('stopped', 'error', this.#failure);
    else this.#become('stopped', 'api-call');
  }

  async #begin(connection: RoomConnection, source: Source): Promise<void> {
    const trackId = this.#lostTrackId;
    this.#lostTrackId = undefined;
    if (trackId === undefined) this.#become('starting');
    const muted = this.#muted;
    const { slot } = this;
    try {
      const sent = await connection.media.send({ ...source, slot, muted, trackId });
      if (this.#connection !== connection) {
        sent.close();
        return;
      }
      this.#sending = { connection, sent, track: source.track, muted, told: Promise.resolve() };
    } catch (error) {
      if (this.#connection !== connection) return;
      const refusal = RtcError.from(error);
      if (connection.closed || refusal.cause === 'connectionLost') {
        // With the next connection it is taken up again.
        this.#lostTrackId = trackId;
        return;
      }
      if (refusal.cause === 'mediaUnavailable' || refusal.cause === 'aborted') {
        // The media engine is being replaced: what was to come back still shall.
        this.#lostTrackId = trackId;
        this.#cancelRetry = this.#timers.after(RETRY_MS, () => {
          this.#work().catch(() => {});
        });
        return;
      }
      this.#wanted = false;
      this.#waiting = this.#resting;
      this.#become('stopped', 'error', refusal);
      throw refusal;
    }
    this.#become('started');
  }

  async #adapt(sending: Sending, source: Source): Promise<void> {
    // First: nothing that the browser refuses may keep a mute from acting.
    const muted = this.#muted;
    if (sending.muted !== muted) {
      sending.muted = muted;
      const told = sending.connection.request('setMuted', { trackId: sending.sent.trackId, muted });
      sending.told = told;
      told.catch(() => {
        if (sending.told === told) sending.muted = undefined;
      });
    }
    if (sending.track === source.track) return;
    try {
      await sending.sent.replaceTrack(source.track);
      sending.track = source.track;
    } catch (error) {
      // What was sending is gone: the next step sends the new track.
      if (this.#sending === sending) throw error;
    }
  }

  #become(state: PublishState, reason?: 'error' | 'api-call', error?: RtcError): void {
    const prevState = this.#state;
    if (prevState === state) return;
    this.#state = state;
    this.#emit('publish-state-changed', {
      mediaType: mediaTypes[this.slot],
      slot: this.slot,
      state,
      prevState,
      ...(reason ? { reason } : {}),
      ...(error ? { error } : {}),
    });
  }
}
