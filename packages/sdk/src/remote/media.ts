import type { ConsumerOffer, Notice, NoticeParams, Result } from '@roomkey/protocol';
import type { StreamType } from '../calls/type.ts';
import type { PictureReading } from '../connection/reading.ts';
import type { Entry, RoomConnection } from '../connection/room-connection.ts';
import type { Emit, Slot } from '../events/events.ts';
import type { Platform, Timers } from '../platform/platform.ts';
import type { AutoplayGuard } from './autoplay-guard.ts';
import { FrozenPictures } from './frozen-pictures.ts';
import { RemoteSounds } from './sounds.ts';
import { type RemoteUser, streamTypeOf, videoSlot } from './user.ts';
import { RemoteUsers } from './users.ts';
import { RemoteVideos } from './videos.ts';

type Offer = ConsumerOffer & { readonly userId: string; readonly slot: Slot };

/** The others: their tracks are received here and handed to sounds and videos. */
export class RemoteMedia {
  readonly users: RemoteUsers;
  readonly sounds: RemoteSounds;
  readonly videos: RemoteVideos;
  readonly #emit: Emit;
  readonly #autoplay: AutoplayGuard;
  readonly #timers: Timers;
  readonly #frozen = new FrozenPictures();
  /** Consumers of pictures that wait for a wider link, by user and slot. They stay until the app can be told that the picture is back. */
  readonly #waiting = new Map<string, string>();
  #connection: RoomConnection | undefined;

  constructor(platform: Platform, emit: Emit, autoplay: AutoplayGuard) {
    this.#emit = emit;
    this.#autoplay = autoplay;
    this.#timers = platform.timers;
    this.sounds = new RemoteSounds(platform, emit, autoplay);
    this.videos = new RemoteVideos(platform, emit, autoplay);
    this.users = new RemoteUsers(emit, {
      onEntered: (user) => this.#entered(user),
      onVideoUnavailable: (user, streamType) => this.videos.unavailable(user, streamType),
      onLeft: ({ userId }) => {
        for (const streamType of ['main', 'sub'] as const) {
          this.#frozen.forget(`${userId}/${streamType}`);
          this.#waiting.delete(keyOf(userId, videoSlot(streamType)));
        }
        this.sounds.left(userId);
        this.videos.left(userId);
      },
    });
  }

  connected(connection: RoomConnection, entry: Entry, { members }: Result<'enter'>): void {
    this.#connection = connection;
    this.sounds.connected(connection.request, entry.autoReceive.audio);
    this.videos.connected(connection.request, entry.autoReceive.video);
    this.users.entered(members);
  }

  /** The connection is away and its media goes on: nothing can be asked for. */
  paused(): void {
    this.sounds.disconnected();
    this.videos.disconnected();
  }

  /** The seat is taken up again: who and what came or went meanwhile is made up for. */
  resumed(connection: RoomConnection, { members, consumers }: Result<'resume'>, isMediaKept: boolean): void {
    if (!isMediaKept) this.mediaLost();
    this.sounds.resumed(connection.request);
    this.videos.resumed(connection.request);
    const there = new Map(consumers.map((consumer) => [consumer.consumerId, consumer]));
    for (const { userId, slot, consumerId } of this.#received())
      if (!there.has(consumerId)) this.#close({ consumerId, userId, slot });
    this.users.entered(members);
    if (!isMediaKept) return;
    for (const { consumerId } of this.#received()) {
      if (there.get(consumerId)?.ready === false)
        connection.request('consumerReady', { consumerId }).catch(() => {});
    }
    for (const consumer of consumers) {
      if (!connection.media.has(consumer.consumerId)) void this.#open(consumer);
      const { waiting = false } = consumer;
      if (waiting !== this.#waits(consumer)) this.#wait({ ...consumer, waiting });
    }
  }

  /** The connection is gone; the users may still be there. */
  disconnected(): void {
    this.#connection = undefined;
    this.sounds.disconnected();
    this.videos.disconnected();
    this.users.disconnected();
  }

  /** The room was left for good. */
  left(): void {
    this.disconnected();
    this.users.left();
    this.sounds.subscriptions.reset();
    this.#autoplay.clear();
  }

  /** All consumers are gone; those still wanted come again through `consumerOpened`. */
  mediaLost(): void {
    this.users.disconnected();
  }

  hear(notice: Notice): void {
    if (notice.method === 'consumerOpened') void this.#open(notice.params);
    else if (notice.method === 'consumerClosed') this.#close(notice.params);
    else if (notice.method === 'consumerWaiting') this.#wait(notice.params);
    else this.users.hear(notice);
    if (notice.method === 'trackRemoved') this.sounds.stop(notice.params.userId, notice.params.slot);
  }

  /** Receives anew the pictures whose packets come and of which nothing is decoded. */
  mend(readings: readonly PictureReading[]): void {
    const shown = new Map<string, { readonly user: RemoteUser; readonly streamType: StreamType }>();
    const pictures = [];
    for (const user of this.users.all()) {
      for (const streamType of ['main', 'sub'] as const) {
        const track = user.received(videoSlot(streamType));
        const reading = track && readings.find(({ trackId }) => trackId === track.id);
        const key = `${user.userId}/${streamType}`;
        if (!reading) continue;
        shown.set(key, { user, streamType });
        pictures.push({ ...reading, key, streamType });
      }
    }
    for (const [key, times] of this.#frozen.look(pictures, this.#timers.now())) {
      const picture = shown.get(key);
      if (!picture) continue;
      const { user, streamType } = picture;
      this.#emit('remote-video-renewed', { userId: user.userId, streamType, times });
      this.videos.renew(user, streamType);
    }
  }

  videoTrack(userId: string, streamType: StreamType): MediaStreamTrack | undefined {
    return this.users.find(userId)?.received(videoSlot(streamType));
  }

  /** A user has one audio track for the vendor's API: the microphone, or else the screen's sound. */
  audioTrack(userId: string, streamType: StreamType | undefined): MediaStreamTrack | undefined {
    const user = this.users.find(userId);
    if (streamType === 'sub') return user?.received('screenAudio');
    return user?.received('microphone') ?? user?.received('screenAudio');
  }

  #received(): { readonly userId: string; readonly slot: Slot; readonly consumerId: string }[] {
    return this.users
      .all()
      .flatMap((user) => user.consumers().map((consumer) => ({ userId: user.userId, ...consumer })));
  }

  #waits({ consumerId, userId, slot }: Pick<Offer, 'consumerId' | 'userId' | 'slot'>): boolean {
    return this.#waiting.get(keyOf(userId, slot)) === consumerId;
  }

  /** A picture waits for a wider link, or flows again. */
  #wait({ consumerId, userId, slot, waiting }: NoticeParams<'consumerWaiting'>): void {
    if (waiting) this.#waiting.set(keyOf(userId, slot), consumerId);
    else this.#waiting.delete(keyOf(userId, slot));
    const streamType = streamTypeOf(slot);
    if (!this.videos.find(userId, streamType)) return;
    const [state, reason] = waiting ? (['PAUSED', 'pause'] as const) : (['PLAYING', 'playing'] as const);
    this.#emit('video-play-state-changed', { userId, streamType, state, reason });
  }

  #entered(user: RemoteUser): void {
    // A refusal was answered to the call that first asked.
    this.sounds.apply(user).catch(() => {});
    this.videos.resume(user);
  }

  async #open(offer: Offer): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const { userId, slot, consumerId } = offer;
    const streamType = streamTypeOf(slot);
    let track: MediaStreamTrack | undefined;
    try {
      // One stream id for what belongs together, so that the browser keeps lips and sound in step.
      track = await connection.media.consume(offer, `${userId}-${streamType}`);
    } catch (error) {
      if (!connection.closed) this.videos.find(userId, streamType)?.fail(error);
      return;
    }
    const user = this.users.find(userId);
    if (!track || !user || connection !== this.#connection) return;
    connection.request('consumerReady', { consumerId }).catch(() => {});
    user.receive(slot, { consumerId, track });
    this.#emit('track', { userId, streamType, track, sourceTrack: track });
    if (offer.kind === 'audio') this.sounds.play(userId, slot, track);
    else this.videos.find(userId, streamType)?.setTrack(track);
    // The one before was lost while it waited: nothing else says that the picture is back.
    if (this.#waiting.has(keyOf(userId, slot)) && !this.#waits(offer))
      this.#wait({ consumerId, userId, slot, waiting: false });
  }

  #close({ consumerId, userId, slot }: Pick<Offer, 'consumerId' | 'userId' | 'slot'>): void {
    if (this.#waits({ consumerId, userId, slot })) this.#waiting.delete(keyOf(userId, slot));
    this.#connection?.media.closeConsumer(consumerId);
    const user = this.users.find(userId);
    if (!user?.forget(slot, consumerId)) return;
    this.sounds.stop(userId, slot);
    if (slot === 'camera' || slot === 'screen') this.videos.find(userId, streamTypeOf(slot))?.clear();
  }
}

const keyOf = (userId: string, slot: Slot): string => `${userId}/${slot}`;
