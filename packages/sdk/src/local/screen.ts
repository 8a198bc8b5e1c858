import type { ScreenShareOptions, View } from '../calls/options.ts';
import { profileOf, screenProfiles, type VideoProfile } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { elementsOf } from '../calls/view.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import { captureScreen } from './capture.ts';
import { CapturedTrack } from './captured-track.ts';
import { screenEncodings } from './encodings.ts';
import { MuteSwitch } from './mute-switch.ts';
import type { Publication, Told } from './publication.ts';
import { setHint } from './video.ts';

type ScreenOption = NonNullable<ScreenShareOptions['option']>;

interface Started {
  readonly video: CapturedTrack;
  readonly audio: CapturedTrack | undefined;
  readonly option: ScreenOption;
  readonly view: View | undefined;
  readonly publish: boolean;
  readonly muted: boolean;
}

/** This user's shared screen, with its sound. Its calls come one at a time. */
export class LocalScreen {
  readonly #platform: Platform;
  readonly #emit: Emit;
  readonly #screen: Publication;
  readonly #sound: Publication;
  readonly #player: VideoPlayer;
  readonly #muteSwitch = new MuteSwitch();
  #started: Started | undefined;

  constructor(platform: Platform, emit: Emit, screen: Publication, sound: Publication, player: VideoPlayer) {
    this.#platform = platform;
    this.#emit = emit;
    this.#screen = screen;
    this.#sound = sound;
    this.#player = player;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#started?.video.track;
  }

  get audioTrack(): MediaStreamTrack | undefined {
    return this.#started?.audio?.track;
  }

  /**
   * A refusal of the sound alone is raised as `publish-state-changed` of slot `screenAudio`; the picture goes on.
   *
   * @throws {RtcError} `repeatedCall`, a view or device error, or the refusal of the picture, whose preview stays
   */
  async start(options: ScreenShareOptions, signal: AbortSignal): Promise<void> {
    if (this.#started)
      throw new RtcError('repeatedCall', 'A screen is shared already; use updateScreenShare.');
    const { view, publish = true, muteSystemAudio: muted = false, option = {} } = options;
    elementsOf(view, this.#platform.document);
    const { video, audio } = await this.#capture(option, signal);
    this.#started = { video, audio, option, view, publish, muted };
    this.#announce(video);
    if (audio) this.#announce(audio);
    this.#show(this.#started);
    if (publish) await this.#publish(this.#started);
  }

  /** @throws {RtcError} `notStarted`, a view error, or the refusal of the picture */
  async update(options: ScreenShareOptions): Promise<Told> {
    const before = this.#started;
    if (!before) throw new RtcError('notStarted', 'No screen is shared; use startScreenShare.');
    const view = options.view === undefined ? before.view : options.view;
    elementsOf(view, this.#platform.document);
    const { videoTrack, audioTrack, ...option } = options.option ?? {};
    const video = videoTrack ? this.#custom(videoTrack) : before.video;
    const audio = audioTrack ? this.#custom(audioTrack) : before.audio;
    const muted = options.muteSystemAudio ?? before.muted;
    const publish = options.publish ?? before.publish;
    const merged = { ...before.option, ...option };
    this.#started = { video, audio, option: merged, view, publish, muted };
    this.#show(this.#started);
    if (video !== before.video) {
      this.#announce(video);
      await this.#screen.replaceTrack(video.track);
      before.video.release();
    }
    if (audio && audio !== before.audio) {
      this.#announce(audio);
      await this.#sound.replaceTrack(audio.track);
      before.audio?.release();
    }
    if (!publish) await Promise.all([this.#screen.stop(), this.#sound.stop()]);
    else if (options.publish || ((videoTrack || audioTrack) && !this.#screen.waiting))
      await this.#publish(this.#started);
    else if (this.#sound.wanted || this.#sound.waiting) return this.#sound.setMuted(muted);
    return {};
  }

  /** Nothing is heard of the capture from now on until `call` is over, which mutes or stops it. */
  mutedDuring<T>(call: Promise<T>): Promise<T> {
    return this.#muteSwitch.during(call);
  }

  async stop(): Promise<void> {
    const { video, audio } = this.#started ?? {};
    this.#started = undefined;
    this.#player.close();
    const stopped = Promise.all([this.#screen.stop(), this.#sound.stop()]);
    video?.release();
    audio?.release();
    await stopped.finally(() => this.#muteSwitch.release());
  }

  #show({ video, audio, option, view, muted }: Started): void {
    if (audio) this.#muteSwitch.set(audio.track, muted);
    setHint(video.track, option.qosPreference ?? 'clear');
    this.#player.setStyle({ fillMode: option.fillMode ?? 'contain', mirror: false });
    this.#player.setViews(elementsOf(view, this.#platform.document));
    this.#player.play(video.track);
  }

  async #publish({ video, audio, option, muted }: Started): Promise<void> {
    const { codec = 'VP8' } = option;
    const encodings = screenEncodings(screenProfile(option));
    if (audio) {
      const codecOptions = { opusStereo: true, opusFec: true, opusMaxAverageBitrate: 128_000 };
      // Its refusal has been raised as an event.
      this.#sound.start({ track: audio.track, codecOptions }, muted).catch(() => {});
    }
    await this.#screen.start({ track: video.track, encodings, codec }, false);
  }

  async #capture(option: ScreenOption, signal: AbortSignal): Promise<Pick<Started, 'video' | 'audio'>> {
    if (option.videoTrack) {
      const audio = option.audioTrack && this.#custom(option.audioTrack);
      return { video: this.#custom(option.videoTrack), audio };
    }
    const capturing = captureScreen(this.#platform.mediaDevices, displayOptions(option));
    const { video, audio } = await abortable(capturing, signal, (late) => {
      late.video.stop();
      late.audio?.stop();
    });
    const sound = option.audioTrack ?? audio;
    if (option.audioTrack) audio?.stop();
    return {
      video: new CapturedTrack(video, false, () => this.#ended()),
      audio: sound && new CapturedTrack(sound, sound === option.audioTrack, () => {}),
    };
  }

  #custom(track: MediaStreamTrack): CapturedTrack {
    const ended = track.kind === 'video' ? () => this.#ended() : () => {};
    return new CapturedTrack(track, true, ended);
  }

  #ended(): void {
    this.stop().catch(() => {});
    this.#emit('screen-share-stopped');
  }

  #announce({ track }: CapturedTrack): void {
    this.#emit('track', { userId: '', streamType: 'sub', track, sourceTrack: track });
  }
}

const screenProfile = (option: ScreenOption): VideoProfile =>
  profileOf(screenProfiles, option.profile, '1080p');

/** Newer members of the options than TypeScript's declarations know. */
interface DisplayOptions extends DisplayMediaStreamOptions {
  readonly preferCurrentTab?: boolean;
  readonly selfBrowserSurface?: 'include' | 'exclude';
  readonly systemAudio?: 'include' | 'exclude';
}

function displayOptions(option: ScreenOption): DisplayOptions {
  const { width, height, frameRate } = screenProfile(option);
  const surfaces = {
    'current-tab': 'browser',
    tab: 'browser',
    window: 'window',
    monitor: 'monitor',
  } as const;
  const { preferDisplaySurface = 'monitor', selfBrowserSurface, systemAudio = false } = option;
  const { echoCancellation = true, autoGainControl = false, noiseSuppression = false } = option;
  return {
    video: {
      width: { max: width },
      height: { max: height },
      frameRate: { max: frameRate },
      displaySurface: surfaces[preferDisplaySurface],
    },
    audio: systemAudio && { echoCancellation, autoGainControl, noiseSuppression },
    systemAudio: systemAudio ? 'include' : 'exclude',
    ...(preferDisplaySurface === 'current-tab' ? { preferCurrentTab: true } : {}),
    ...(selfBrowserSurface ? { selfBrowserSurface } : {}),
  };
}
