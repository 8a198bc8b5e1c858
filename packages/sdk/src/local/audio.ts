import type { LocalAudioOptions } from '../calls/options.ts';
import { audioProfiles } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform } from '../platform/platform.ts';
import { captureDevice } from './capture.ts';
import { CapturedTrack } from './captured-track.ts';
import { mergeOptions } from './merge-options.ts';
import { MuteSwitch } from './mute-switch.ts';
import type { Publication, Told } from './publication.ts';

type AudioOption = NonNullable<LocalAudioOptions['option']>;

interface Started {
  readonly capture: CapturedTrack;
  readonly option: AudioOption;
  readonly publish: boolean;
  readonly muted: boolean;
}

/** This user's microphone. Its calls come one at a time. */
export class LocalAudio {
  readonly #platform: Platform;
  readonly #emit: Emit;
  readonly #publication: Publication;
  readonly #muteSwitch = new MuteSwitch();
  #started: Started | undefined;

  constructor(platform: Platform, emit: Emit, publication: Publication) {
    this.#platform = platform;
    this.#emit = emit;
    this.#publication = publication;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#started?.capture.track;
  }

  /** @throws {RtcError} `repeatedCall`, a device error, or the server's refusal, after which capture goes on */
  async start(options: LocalAudioOptions, signal: AbortSignal): Promise<void> {
    if (this.#started)
      throw new RtcError('repeatedCall', 'Local audio is started already; use updateLocalAudio.');
    const { publish = true, mute = false, option = {} } = options;
    const capture = await this.#capture(option, signal);
    this.#started = { capture, option, publish, muted: mute !== false };
    this.#announce(capture);
    this.#muteSwitch.set(capture.track, mute !== false);
    if (publish) await this.#publish(this.#started);
  }

  /** @throws {RtcError} `notStarted`, a device error, or the server's refusal */
  async update(options: LocalAudioOptions, signal: AbortSignal): Promise<Told> {
    const before = this.#started;
    if (!before) throw new RtcError('notStarted', 'Local audio is not started; use startLocalAudio.');
    const option = mergeOptions(before.option, options.option, 'microphoneId', 'audioTrack');
    const capture = needsCapture(options.option) ? await this.#capture(option, signal) : before.capture;
    const muted = options.mute === undefined ? before.muted : options.mute !== false;
    const publish = options.publish ?? before.publish;
    this.#started = { capture, option, publish, muted };
    this.#muteSwitch.set(capture.track, muted);
    if (capture !== before.capture) {
      this.#announce(capture);
      await this.#publication.replaceTrack(capture.track);
      before.capture.release();
    }
    if (!publish) await this.#publication.stop();
    else if (this.#publication.wanted || (this.#publication.waiting && !options.publish))
      return this.#publication.setMuted(muted);
    else if (options.publish || capture !== before.capture) await this.#publish(this.#started);
    return {};
  }

  /** Nothing is heard or seen of the capture from now on until `call` is over, which mutes or stops it. */
  mutedDuring<T>(call: Promise<T>): Promise<T> {
    return this.#muteSwitch.during(call);
  }

  async stop(): Promise<void> {
    const { capture } = this.#started ?? {};
    this.#started = undefined;
    const stopped = this.#publication.stop();
    capture?.release();
    await stopped.finally(() => this.#muteSwitch.release());
  }

  #publish({ capture, option, muted }: Started): Promise<void> {
    const { channelCount, bitrate } = audioProfiles[option.profile ?? 'standard'];
    const codecOptions = {
      opusStereo: channelCount === 2,
      opusFec: true,
      opusMaxAverageBitrate: bitrate * 1000,
    };
    return this.#publication.start({ track: capture.track, codecOptions }, muted);
  }

  async #capture(option: AudioOption, signal: AbortSignal): Promise<CapturedTrack> {
    if (option.audioTrack) return new CapturedTrack(option.audioTrack, true, () => this.#ended());
    const { echoCancellation = true, autoGainControl = true, noiseSuppression = true } = option;
    const audio: MediaTrackConstraints = {
      // The finer choices of new browsers are strings; older ones take them for true.
      echoCancellation: echoCancellation as boolean,
      autoGainControl,
      noiseSuppression,
      channelCount: audioProfiles[option.profile ?? 'standard'].channelCount,
      ...(option.microphoneId === undefined ? {} : { deviceId: { exact: option.microphoneId } }),
    };
    const capturing = captureDevice(this.#platform.mediaDevices, { audio });
    const track = await abortable(capturing, signal, (late) => late.stop());
    return new CapturedTrack(track, false, () => this.#ended());
  }

  #ended(): void {
    const error = new RtcError('microphoneLost', 'The microphone stopped; it may have been unplugged.');
    this.#publication.stop(error).catch(() => {});
  }

  #announce({ track }: CapturedTrack): void {
    this.#emit('track', { userId: '', streamType: 'main', track, sourceTrack: track });
  }
}

const needsCapture = (option: LocalAudioOptions['option']): boolean =>
  option?.audioTrack !== undefined ||
  option?.microphoneId !== undefined ||
  option?.echoCancellation !== undefined ||
  option?.autoGainControl !== undefined ||
  option?.noiseSuppression !== undefined;
