import type { ScreenShareOptions, View } from '../calls/options.ts';
import { profileOf, screenProfiles, type VideoProfile } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { elementsOf } from '../calls/view.ts';
import type { Encoding } from '../connection/encoding.ts';
import { aborted, RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { captureScreen } from './capture.ts';
import { CapturedTrack } from './captured-track.ts';
import { pictureSize, screenEncodings } from './encodings.ts';
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
    const elements = elementsOf(view, this.#platform.document);
    const { video, audio } = await this.#capture(option, signal);
    this.#started = { video, audio, option, view, publish, muted };
    this.#announce(video);
    this.#muteSwitch.set(muted);
    if (audio) {
      this.#announce(audio);
      this.#muteSwitch.add(audio.track);
    }
    this.#show(this.#started, elements);
    if (publish) await this.#publish(this.#started);
  }

  /**
   * Changes what the options name. A view or track that is refused changes nothing, but a mute acts in any case.
   *
   * @throws {RtcError} `notStarted`, a view error, `trackEnded`, or the refusal of the picture
   */
  async update(options: ScreenShareOptions): Promise<Told> {
    if (!this.#started) throw new RtcError('notStarted', 'No screen is shared; use startScreenShare.');
    const { muteSystemAudio: mute } = options;
    const muting = mute ? await this.#setMuted(this.#started) : {};
    const before = this.#started;
    const { view = before.view, publish = before.publish } = options;
    const elements = elementsOf(view, this.#platform.document);
    const { videoTrack, audioTrack, ...option } = options.option ?? {};
    const after = await this.#replace(before, videoTrack, audioTrack);
    const merged = { ...before.option, ...option };
    const started = { ...after, option: merged, view, publish, muted: mute ?? before.muted };
    this.#started = started;
    this.#muteSwitch.set(started.muted);
    this.#show(started, elements);
    if (!publish) await Promise.all([this.#screen.stop(), this.#sound.stop()]);
    else if (options.publish || ((videoTrack || audioTrack) && !this.#screen.waiting))
      await this.#publish(started);
    else if (this.#sound.wanted || this.#sound.waiting)
      return muting.told ? muting : this.#sound.setMuted(started.muted);
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
    await stopped.finally(() => audio && this.#muteSwitch.release(audio.track));
  }

  async #setMuted(started: Started): Promise<Told> {
    this.#started = { ...started, muted: true };
    this.#muteSwitch.set(true);
    return this.#sound.wanted || this.#sound.waiting ? this.#sound.setMuted(true) : {};
  }

  /** With the app's own tracks in the place of what was captured before; both, or none. */
  async #replace(
    before: Started,
    videoTrack: MediaStreamTrack | undefined,
    audioTrack: MediaStreamTrack | undefined,
  ): Promise<Started> {
    const { video, audio } = await allOrNothing(async (undo) => {
      const taken = <C extends CapturedTrack | undefined>(given: MediaStreamTrack | undefined, now: C) => {
        if (!given || (given === now?.track && !now.ended)) return now;
        const captured = this.#custom(given);
        undo(() => captured.release());
        return captured;
      };
      const next = { video: taken(videoTrack, before.video), audio: taken(audioTrack, before.audio) };
      if (next.video !== before.video) {
        const encode = (video: CapturedTrack) =>
          this.#screen.encode((codec) => encodingsOf(video, before.option, codec));
        undo(() => encode(before.video));
        await encode(next.video);
        await this.#screen.replaceTrack(next.video.track);
        undo(() => this.#screen.replaceTrack(before.video.track));
      }
      const { audio } = next;
      if (audio && audio !== before.audio) {
        this.#muteSwitch.add(audio.track);
        undo(() => this.#muteSwitch.giveBack(audio.track));
        await this.#sound.replaceTrack(audio.track);
        undo(() => before.audio && this.#sound.replaceTrack(before.audio.track));
        audio.requireLive();
      }
      if (next.video !== before.video) next.video.requireLive();
      if (!this.#started) throw aborted('the sharing ended');
      return next;
    });
    // The sound may have ended meanwhile.
    const old = this.#started?.audio;
    if (video !== before.video) {
      before.video.release();
      this.#announce(video);
    }
    if (audio === before.audio) return { ...before, video, audio: old };
    if (old) this.#muteSwitch.release(old.track);
    old?.release();
    if (audio) this.#announce(audio);
    return { ...before, video, audio };
  }

  #show({ video, option }: Started, elements: readonly HTMLElement[]): void {
    setHint(video.track, option.qosPreference ?? 'clear');
    this.#player.setStyle({ fillMode: option.fillMode ?? 'contain', mirror: false });
    this.#player.setViews(elements);
    this.#player.play(video.track);
  }

  async #publish({ video, audio, option, muted }: Started): Promise<void> {
    const { codec = 'VP8' } = option;
    const encodings = encodingsOf(video, option, codec);
    if (audio) {
      const codecOptions = {
        opusStereo: true,
        opusFec: true,
        opusNack: true,
        opusMaxAverageBitrate: 128_000,
      };
      // Its refusal has been raised as an event.
      this.#sound.start({ track: audio.track, codecOptions }, muted).catch(() => {});
    }
    await this.#screen.start({ track: video.track, encodings, codec }, false);
  }

  async #capture(option: ScreenOption, signal: AbortSignal): Promise<Pick<Started, 'video' | 'audio'>> {
    return allOrNothing(async (undo) => {
      // Before the user is asked for a screen.
      const own = option.audioTrack && this.#custom(option.audioTrack);
      undo(() => own?.release());
      if (option.videoTrack) return { video: this.#custom(option.videoTrack), audio: own };
      const capturing = captureScreen(this.#platform.mediaDevices, displayOptions(option));
      const { video, audio } = await abortable(capturing, signal, (late) => {
        late.video.stop();
        late.audio?.stop();
      });
      if (own) audio?.stop();
      const captured = (track: MediaStreamTrack) =>
        new CapturedTrack(track, false, (ended) => this.#ended(ended));
      return { video: captured(video), audio: own ?? (audio && captured(audio)) };
    });
  }

  #custom(track: MediaStreamTrack): CapturedTrack {
    return new CapturedTrack(track, true, (ended) => this.#ended(ended));
  }

  #ended(captured: CapturedTrack): void {
    const started = this.#started;
    if (captured === started?.video) {
      this.stop().catch(() => {});
      this.#emit('screen-share-stopped');
    } else if (started && captured === started.audio && !started.video.ended) {
      this.#started = { ...started, audio: undefined };
      this.#muteSwitch.release(captured.track);
      captured.release();
      const error = new RtcError('screenAudioLost', 'The sound of the screen stopped; its picture goes on.');
      this.#sound.stop(error).catch(() => {});
    }
  }

  #announce({ track }: CapturedTrack): void {
    this.#emit('track', { userId: '', streamType: 'sub', track, sourceTrack: track });
  }
}

const screenProfile = (option: ScreenOption): VideoProfile =>
  profileOf(screenProfiles, option.profile, '1080p');

/** For the size that the profile asks for, because a shared window changes its own; a track of the app may be larger. */
function encodingsOf({ track }: CapturedTrack, option: ScreenOption, codec?: string): Encoding[] {
  const profile = screenProfile(option);
  const { width, height } = pictureSize(track, profile);
  const size = { width: Math.max(width, profile.width), height: Math.max(height, profile.height) };
  return screenEncodings(size, profile, codec);
}

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
