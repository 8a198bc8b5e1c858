import type { LocalAudioOptions } from '../calls/options.ts';
import { audioProfiles } from '../calls/profiles.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform } from '../platform/platform.ts';
import { captureDevice } from './capture.ts';
import type { CapturedTrack } from './captured-track.ts';
import { DeviceUse } from './device-use.ts';
import { mergeOptions } from './merge-options.ts';
import type { Publication, Told } from './publication.ts';

type AudioOption = NonNullable<LocalAudioOptions['option']>;

/** This user's microphone. Its calls come one at a time. */
export class LocalAudio {
  readonly #platform: Platform;
  readonly #publication: Publication;
  readonly #use: DeviceUse;
  #option: AudioOption = {};

  constructor(platform: Platform, emit: Emit, publication: Publication) {
    this.#platform = platform;
    this.#publication = publication;
    this.#use = new DeviceUse(
      emit,
      publication,
      () => new RtcError('microphoneLost', 'The microphone stopped; it may have been unplugged.'),
    );
  }

  get track(): MediaStreamTrack | undefined {
    return this.#use.capture?.track;
  }

  /** @throws {RtcError} `repeatedCall`, a device error, or the server's refusal, after which capture goes on */
  async start(options: LocalAudioOptions, signal: AbortSignal): Promise<void> {
    if (this.#use.capture)
      throw new RtcError('repeatedCall', 'Local audio is started already; use updateLocalAudio.');
    const { option = {} } = options;
    const capture = await this.#capture(option, signal);
    this.#option = option;
    await this.#use.begin(capture, options, () => this.#publish(capture));
  }

  /**
   * Changes what the options name. A device or track that is refused changes nothing, but a mute acts in any case.
   *
   * @throws {RtcError} `notStarted`, `trackEnded`, a device error, or the server's refusal to publish
   */
  async update(options: LocalAudioOptions, signal: AbortSignal): Promise<Told> {
    const before = this.#use.capture;
    if (!before) throw new RtcError('notStarted', 'Local audio is not started; use startLocalAudio.');
    const muting = await this.#use.muteFirst(options);
    const option = mergeOptions(this.#option, options.option, 'microphoneId', 'audioTrack');
    const capture = needsCapture(options.option) ? await this.#capture(option, signal) : before;
    const isOther = await this.#use.replace(before, capture);
    this.#option = option;
    return this.#use.settle(options, muting, isOther, () => this.#publish(capture));
  }

  /** Nothing is heard of the capture from now on until `call` is over, which mutes or stops it. */
  mutedDuring<T>(call: Promise<T>): Promise<T> {
    return this.#use.mutedDuring(call);
  }

  stop(): Promise<void> {
    return this.#use.stop();
  }

  #publish({ track }: CapturedTrack): Promise<void> {
    const { channelCount, bitrate } = audioProfiles[this.#option.profile ?? 'standard'];
    const codecOptions = {
      opusStereo: channelCount === 2,
      opusFec: true,
      opusNack: true,
      opusMaxAverageBitrate: bitrate * 1000,
    };
    return this.#publication.start({ track, codecOptions }, this.#use.muted);
  }

  #capture(option: AudioOption, signal: AbortSignal): Promise<CapturedTrack> {
    const { echoCancellation = true, autoGainControl = true, noiseSuppression = true } = option;
    const audio: MediaTrackConstraints = {
      // The finer choices of new browsers are strings; older ones take them for true.
      echoCancellation: echoCancellation as boolean,
      autoGainControl,
      noiseSuppression,
      channelCount: audioProfiles[option.profile ?? 'standard'].channelCount,
      ...(option.microphoneId === undefined ? {} : { deviceId: { exact: option.microphoneId } }),
    };
    const open = () => captureDevice(this.#platform.mediaDevices, { audio });
    return this.#use.take(option.audioTrack, open, signal);
  }
}

const needsCapture = (option: LocalAudioOptions['option']): boolean =>
  option?.audioTrack !== undefined ||
  option?.microphoneId !== undefined ||
  option?.echoCancellation !== undefined ||
  option?.autoGainControl !== undefined ||
  option?.noiseSuppression !== undefined;
