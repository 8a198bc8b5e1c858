import type { LocalAudioOptions } from '../calls/options.ts';
import { audioProfiles } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform } from '../platform/platform.ts';
import { allOrNothing } from './all-or-nothing.ts';
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
    this.#muteSwitch.set(mute !== false);
    this.#muteSwitch.add(capture.track);
    if (publish) await this.#publish(this.#started);
  }

  /**
   * Changes what the options name. A device or track that is refused changes nothing, but a mute acts in any case.
   *
   * @throws {RtcError} `notStarted`, `trackEnded`, a device error, or the server's refusal to publish
   */
  async update(options: LocalAudioOptions, signal: AbortSignal): Promise<Told> {
    if (!this.#started) throw new RtcError('notStarted', 'Local audio is not started; use startLocalAudio.');
    const { mute } = options;
    const muting = mute ? await this.#setMuted(this.#started, true) : {};
    const before = this.#started;
    const after = await this.#replace(before, options.option, signal);
    const { publish = before.publish } = options;
    const started = { ...after, publish, muted: mute === undefined ? before.muted : mute !== false };
    this.#started = started;
    this.#muteSwitch.set(started.muted);
    if (!publish) await this.#publication.stop();
    else if (this.#publication.wanted || (this.#publication.waiting && !options.publish))
      return muting.told ? muting : this.#publication.setMuted(started.muted);
    else if (options.publish || after.capture !== before.capture) await this.#publish(started);
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
    await stopped.finally(() => capture && this.#muteSwitch.release(capture.track));
  }

  async #setMuted(started: Started, muted: boolean): Promise<Told> {
    this.#started = { ...started, muted };
    this.#muteSwitch.set(muted);
    const { wanted, waiting } = this.#publication;
    return wanted || waiting ? this.#publication.setMuted(muted) : {};
  }

  /** With another microphone or track, if the option names one. */
  async #replace(
    before: Started,
    update: LocalAudioOptions['option'],
    signal: AbortSignal,
  ): Promise<Started> {
    const option = mergeOptions(before.option, update, 'microphoneId', 'audioTrack');
    if (!needsCapture(update)) return { ...before, option };
    const capture = await this.#capture(option, signal);
    if (capture === before.capture) return { ...before, option };
    await allOrNothing(async (undo) => {
      undo(() => capture.release());
      this.#muteSwitch.add(capture.track);
      undo(() => this.#muteSwitch.giveBack(capture.track));
      await this.#publication.replaceTrack(capture.track);
      undo(() => this.#publication.replaceTrack(before.capture.track));
      capture.requireLive();
    });
    this.#muteSwitch.release(before.capture.track);
    before.capture.release();
    this.#announce(capture);
    return { ...before, capture, option };
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
    const before = this.#started?.capture;
    if (option.audioTrack && option.audioTrack === before?.track && !before.ended) return before;
    if (option.audioTrack) return new CapturedTrack(option.audioTrack, true, (ended) => this.#ended(ended));
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
    return new CapturedTrack(track, false, (ended) => this.#ended(ended));
  }

  #ended(capture: CapturedTrack): void {
    if (capture !== this.#started?.capture) return;
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
