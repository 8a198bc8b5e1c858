import { ServiceError } from '@roomkey/protocol';
import type { RemoteVideoOptions, StopRemoteVideoOptions } from '../calls/options.ts';
import type { StreamType } from '../calls/type.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform } from '../platform/platform.ts';
import type { Request } from '../signal/client.ts';
import type { AutoplayGuard } from './autoplay-guard.ts';
import { type RemoteUser, videoSlot } from './user.ts';
import type { RemoteUsers } from './users.ts';
import { RemoteVideo } from './video.ts';

/** The videos of the others that the app asked for. */
export class RemoteVideos {
  readonly #platform: Platform;
  readonly #emit: Emit;
  readonly #autoplay: AutoplayGuard;
  readonly #videos = new Map<string, RemoteVideo>();
  /** Videos that were stopped while the server could not be told. */
  readonly #owed = new Map<string, RemoteVideo>();
  #request: Request | undefined;
  /** The server sends every video without being asked. */
  #serverDefault = false;

  constructor(platform: Platform, emit: Emit, autoplay: AutoplayGuard) {
    this.#platform = platform;
    this.#emit = emit;
    this.#autoplay = autoplay;
  }

  connected(request: Request, serverDefault: boolean): void {
    this.#request = request;
    this.#serverDefault = serverDefault;
    this.#owed.clear();
  }

  /** The seat was taken up again: the server remembers what was asked for before. */
  resumed(request: Request): void {
    this.#request = request;
    const owed = [...this.#owed].filter(([key]) => !this.#videos.has(key));
    this.#owed.clear();
    for (const [, video] of owed) this.#unsubscribe(video).catch(() => {});
  }

  disconnected(): void {
    this.#request = undefined;
  }

  find(userId: string, streamType: StreamType): RemoteVideo | undefined {
    return this.#videos.get(keyOf(userId, streamType));
  }

  /**
   * Asks for a video and shows it; asking again changes how.
   *
   * @throws {RtcError} `userNotInRoom`, `streamNotAvailable`, a view error, `aborted`, `mediaTimeout`
   * @throws {ServiceError} the server's refusal
   */
  async start(options: RemoteVideoOptions, users: RemoteUsers): Promise<void> {
    const { userId, streamType } = options;
    const user = users.find(userId);
    if (!user) throw new RtcError('userNotInRoom', `There is no user ${userId} in the room.`);
    if (!user.available[streamType]) {
      throw new RtcError('streamNotAvailable', `${userId} has no ${streamType} video that can be seen now.`);
    }
    const known = this.find(userId, streamType);
    const video = known ?? new RemoteVideo(options, this.#platform, this.#emit, this.#autoplay);
    try {
      video.configure(options);
      this.#videos.set(keyOf(userId, streamType), video);
      const track = user.received(videoSlot(streamType));
      if (track) video.setTrack(track);
      await this.#subscribe(video);
      await video.arrival();
    } catch (error) {
      if (!known && this.find(userId, streamType) === video) this.#drop(video);
      if (!known) video.close();
      throw error;
    }
  }

  /** @throws {RtcError} `notStarted`, a view error */
  async update(options: RemoteVideoOptions): Promise<void> {
    const { userId, streamType } = options;
    const video = this.find(userId, streamType);
    if (!video) throw new RtcError('notStarted', `The ${streamType} video of ${userId} is not started.`);
    const before = video.spatialLayer;
    video.configure(options);
    if (video.spatialLayer !== before) await this.#subscribe(video);
  }

  /** Stops showing and receiving; does nothing for what was not started. */
  async stop({ userId, streamType }: StopRemoteVideoOptions): Promise<void> {
    const stopped = [...this.#videos.values()].filter(
      (video) => userId === '*' || (video.userId === userId && video.streamType === streamType),
    );
    for (const video of stopped) this.#drop(video);
    await Promise.all(stopped.map((video) => this.#unsubscribe(video)));
  }

  /** After a reconnection: asks again for what was shown. */
  resume(user: RemoteUser): void {
    for (const video of this.#videos.values()) {
      if (video.userId !== user.userId || !user.sends(videoSlot(video.streamType))) continue;
      this.#subscribe(video).catch(() => {});
    }
  }

  /** Receives a video anew: the server closes what it sent and begins again, with a key frame. */
  renew(user: RemoteUser, streamType: StreamType): void {
    const slot = videoSlot(streamType);
    const { userId } = user;
    const spatialLayer = this.find(userId, streamType)?.spatialLayer;
    this.#request?.('unsubscribe', { userId, slot }).catch(() => {});
    this.#request?.('subscribe', { userId, slot, spatialLayer }).catch(() => {});
  }

  /** The user muted or ended a video: the app asks again when it is back. */
  unavailable(user: RemoteUser, streamType: StreamType): void {
    const video = this.find(user.userId, streamType);
    if (!video) return;
    this.#drop(video);
    // What is only muted stays subscribed, so that it is back at once.
    if (!user.sends(videoSlot(streamType)) && !this.#serverDefault) {
      this.#unsubscribe(video).catch(() => {});
    }
  }

  left(userId: string): void {
    for (const video of [...this.#videos.values()]) if (video.userId === userId) this.#drop(video);
  }

  #drop(video: RemoteVideo): void {
    video.close();
    this.#videos.delete(keyOf(video.userId, video.streamType));
  }

  async #subscribe(video: RemoteVideo): Promise<void> {
    const { userId, streamType, spatialLayer } = video;
    await this.#request?.('subscribe', { userId, slot: videoSlot(streamType), spatialLayer });
  }

  async #unsubscribe(video: RemoteVideo): Promise<void> {
    const { userId, streamType } = video;
    const owe = () => this.#owed.set(keyOf(userId, streamType), video);
    if (!this.#request) {
      owe();
      return;
    }
    try {
      await this.#request('unsubscribe', { userId, slot: videoSlot(streamType) });
    } catch (error) {
      // Who has left meanwhile is not received any more either.
      if (error instanceof ServiceError && error.code === 'connectionLost') owe();
    }
  }
}

const keyOf = (userId: string, streamType: StreamType): string => `${userId}/${streamType}`;
