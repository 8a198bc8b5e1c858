import type { LocalVideoOptions, QosPreference, View } from '../calls/options.ts';
import { profileOf, type VideoProfile, videoProfiles } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { elementsOf } from '../calls/view.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { captureDevice, deviceError } from './capture.ts';
import { CapturedTrack } from './captured-track.ts';
import { cameraEncodings, withProfile } from './encodings.ts';
import { mergeOptions } from './merge-options.ts';
import { MuteSwitch } from './mute-switch.ts';
import type { Publication, Told } from './publication.ts';

type VideoOption = NonNullable<LocalVideoOptions['option']>;

interface Started {
  readonly capture: CapturedTrack;
  readonly option: VideoOption;
  readonly view: View | undefined;
  readonly publish: boolean;
  readonly muted: boolean;
}

/** This user's camera. Its calls come one at a time. */
export class LocalVideo {
  readonly #platform: Platform;
  readonly #emit: Emit;
  readonly #publication: Publication;
  readonly #player: VideoPlayer;
  readonly #muteSwitch = new MuteSwitch();
  #started: Started | undefined;

  constructor(platform: Platform, emit: Emit, publication: Publication, player: VideoPlayer) {
    this.#platform = platform;
    this.#emit = emit;
    this.#publication = publication;
    this.#player = player;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#started?.capture.track;
  }

  /** @throws {RtcError} `repeatedCall`, a view or device error, or the server's refusal, after which the preview stays */
  async start(options: LocalVideoOptions, signal: AbortSignal): Promise<void> {
    if (this.#started)
      throw new RtcError('repeatedCall', 'Local video is started already; use updateLocalVideo.');
    const { view, publish = true, mute = false, option = {} } = options;
    const elements = elementsOf(view, this.#platform.document);
    const capture = await this.#capture(option, signal);
    this.#started = { capture, option, view, publish, muted: mute !== false };
    this.#announce(capture);
    this.#muteSwitch.set(mute !== false);
    this.#muteSwitch.add(capture.track);
    this.#show(this.#started, elements);
    if (publish) await this.#publish(this.#started);
  }

  /**
   * Changes what the options name. A view, device, track or profile that is refused changes nothing, but a mute acts in any case.
   *
   * @throws {RtcError} `notStarted`, a view error, `trackEnded`, a device error, or the server's refusal to publish
   */
  async update(options: LocalVideoOptions, signal: AbortSignal): Promise<Told> {
    if (!this.#started) throw new RtcError('notStarted', 'Local video is not started; use startLocalVideo.');
    const { mute } = options;
    const muting = mute ? await this.#setMuted(this.#started, true) : {};
    const before = this.#started;
    const { view = before.view, publish = before.publish } = options;
    const elements = elementsOf(view, this.#platform.document);
    const after = await this.#replace(before, options.option, signal);
    const started = { ...after, view, publish, muted: mute === undefined ? before.muted : mute !== false };
    this.#started = started;
    this.#muteSwitch.set(started.muted);
    this.#show(started, elements);
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
    this.#player.close();
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

  /** With another camera, track or profile, if the option names one. */
  async #replace(
    before: Started,
    update: LocalVideoOptions['option'],
    signal: AbortSignal,
  ): Promise<Started> {
    const option = mergeOptions(before.option, update, 'cameraId', 'videoTrack');
    const capture = needsCapture(update) ? await this.#capture(option, signal) : before.capture;
    const isOther = capture !== before.capture;
    await allOrNothing(async (undo) => {
      if (isOther) {
        undo(() => capture.release());
        this.#muteSwitch.add(capture.track);
        undo(() => this.#muteSwitch.giveBack(capture.track));
      }
      if (update?.profile !== undefined) {
        undo(() => this.#setProfile(before.capture, cameraProfile(before.option)));
        await this.#setProfile(capture, cameraProfile(option));
      }
      if (!isOther) return;
      await this.#publication.replaceTrack(capture.track);
      undo(() => this.#publication.replaceTrack(before.capture.track));
      capture.requireLive();
    });
    if (!isOther) return { ...before, option };
    this.#muteSwitch.release(before.capture.track);
    before.capture.release();
    this.#announce(capture);
    return { ...before, capture, option };
  }

  async #setProfile(capture: CapturedTrack, profile: VideoProfile): Promise<void> {
    if (!capture.custom) {
      await capture.track.applyConstraints(sizeOf(profile)).catch((error: unknown) => {
        throw deviceError(error, 'The camera');
      });
    }
    await this.#publication.limit((encodings) => withProfile(encodings, profile));
  }

  #show({ capture, option }: Started, elements: readonly HTMLElement[]): void {
    setHint(capture.track, option.qosPreference ?? 'smooth');
    this.#player.setStyle({ fillMode: option.fillMode ?? 'cover', mirror: option.mirror !== false });
    this.#player.setViews(elements);
    this.#player.play(capture.track);
  }

  #publish({ capture: { track }, option, muted }: Started): Promise<void> {
    const { codec = 'VP8' } = option;
    const encodings = cameraEncodings(track, cameraProfile(option), codec);
    return this.#publication.start({ track, encodings, codec }, muted);
  }

  async #capture(option: VideoOption, signal: AbortSignal): Promise<CapturedTrack> {
    const before = this.#started?.capture;
    if (option.videoTrack && option.videoTrack === before?.track && !before.ended) return before;
    if (option.videoTrack) return new CapturedTrack(option.videoTrack, true, (ended) => this.#ended(ended));
    const { cameraId, useFrontCamera } = option;
    const video: MediaTrackConstraints = {
      ...sizeOf(cameraProfile(option)),
      ...(cameraId === undefined ? {} : { deviceId: { exact: cameraId } }),
      ...(useFrontCamera === undefined ? {} : { facingMode: useFrontCamera ? 'user' : 'environment' }),
    };
    const capturing = captureDevice(this.#platform.mediaDevices, { video });
    const track = await abortable(capturing, signal, (late) => late.stop());
    return new CapturedTrack(track, false, (ended) => this.#ended(ended));
  }

  #ended(capture: CapturedTrack): void {
    if (capture !== this.#started?.capture) return;
    const error = new RtcError('cameraLost', 'The camera stopped; it may have been unplugged.');
    this.#publication.stop(error).catch(() => {});
  }

  #announce({ track }: CapturedTrack): void {
    this.#emit('track', { userId: '', streamType: 'main', track, sourceTrack: track });
  }
}

const needsCapture = (option: LocalVideoOptions['option']): boolean =>
  option?.videoTrack !== undefined || option?.cameraId !== undefined || option?.useFrontCamera !== undefined;

const cameraProfile = (option: VideoOption): VideoProfile => profileOf(videoProfiles, option.profile, '480p');

const sizeOf = ({ width, height, frameRate }: VideoProfile): MediaTrackConstraints => ({
  width: { ideal: width },
  height: { ideal: height },
  frameRate: { ideal: frameRate },
});

/** Tells the encoder what to keep; a hint that the app gave its own track stays. */
export function setHint(track: MediaStreamTrack, preference: QosPreference): void {
  const hints = ['', 'motion', 'detail'];
  if (hints.includes(track.contentHint)) track.contentHint = preference === 'smooth' ? 'motion' : 'detail';
}
