import type { FillMode, RemoteVideoOptions, View } from '../calls/options.ts';
import type { StreamType } from '../calls/type.ts';
import { elementsOf } from '../calls/view.ts';
import { aborted, RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import type { AutoplayGuard } from './autoplay-guard.ts';

/** How long media may take after the server agreed, in milliseconds. */
const MEDIA_TIMEOUT_MS = 10_000;

/** One video of another user that the app asked for. */
export class RemoteVideo {
  readonly userId: string;
  readonly streamType: StreamType;
  readonly #platform: Platform;
  readonly #player: VideoPlayer;
  #view: View | undefined;
  #fillMode: FillMode;
  #mirror = false;
  #small = false;
  readonly #arrived: Promise<void>;
  #arrive: () => void = () => {};
  #giveUp: (error: Error) => void = () => {};

  constructor(
    { userId, streamType }: RemoteVideoOptions,
    platform: Platform,
    emit: Emit,
    autoplay: AutoplayGuard,
  ) {
    this.userId = userId;
    this.streamType = streamType;
    this.#platform = platform;
    this.#arrived = new Promise((resolve, reject) => {
      this.#arrive = resolve;
      this.#giveUp = reject;
    });
    this.#arrived.catch(() => {});
    this.#fillMode = streamType === 'sub' ? 'contain' : 'cover';
    const mediaType = streamType === 'sub' ? 'screen' : 'video';
    this.#player = platform.videoPlayer({
      onState: (state, reason) => emit('video-play-state-changed', { userId, streamType, state, reason }),
      onBlocked: (resume) => autoplay.blocked({ userId, mediaType, resume }),
      onFirstFrame: (width, height) => emit('first-video-frame', { userId, streamType, width, height }),
    });
  }

  /** The highest of the three possible layers to ask the server for. */
  get spatialLayer(): 0 | 2 {
    return this.#small ? 0 : 2;
  }

  /** Takes over what the options name. @throws {RtcError} a view error, before anything changes */
  configure({ view, option = {} }: RemoteVideoOptions): void {
    const nextView = view === undefined ? this.#view : view;
    const elements = elementsOf(nextView, this.#platform.document);
    this.#view = nextView;
    this.#fillMode = option.fillMode ?? this.#fillMode;
    this.#mirror = option.mirror ?? this.#mirror;
    this.#small = option.small ?? this.#small;
    this.#player.setStyle({ fillMode: this.#fillMode, mirror: this.#mirror });
    this.#player.setViews(elements);
  }

  setTrack(track: MediaStreamTrack): void {
    this.#player.play(track);
    this.#arrive();
  }

  /** There is no track any more, for now. */
  clear(): void {
    this.#player.play(null);
  }

  /** The media cannot be set up. */
  fail(error: unknown): void {
    this.#giveUp(RtcError.from(error));
  }

  /** Settles when there is media. @throws {RtcError} `aborted` when it was stopped before, `mediaTimeout` */
  async arrival(): Promise<void> {
    let cancel = () => {};
    const timeout = new Promise<never>((_, reject) => {
      cancel = this.#platform.timers.after(MEDIA_TIMEOUT_MS, () =>
        reject(new RtcError('mediaTimeout', 'The server agreed, but no media came.')),
      );
    });
    try {
      await Promise.race([this.#arrived, timeout]);
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#player.close();
    this.#giveUp(aborted('the video was stopped'));
  }
}
