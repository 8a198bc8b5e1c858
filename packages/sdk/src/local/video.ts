import type { LocalVideoOptions, QosPreference, View } from '../calls/options.ts';
import { profileOf, type VideoProfile, videoProfiles } from '../calls/profiles.ts';
import { abortable } from '../calls/queue.ts';
import { elementsOf } from '../calls/view.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import { captureDevice } from './capture.ts';
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
    elementsOf(view, this.#platform.document);
    const capture = await this.#capture(option, signal);
    this.#started = { capture, option, view, publish, muted: mute !== false };
    this.#announce(capture);
    this.#show(this.#started);
    if (publish) await this.#publish(this.#started);
  }

  /** @throws {RtcError} `notStarted`, a view or device error, or the server's refusal */
  async update(options: LocalVideoOptions, signal: AbortSignal): Promise<Told> {
    const before = this.#started;
    if (!before) throw new RtcError('notStarted', 'Local video is not started; use startLocalVideo.');
    const view = options.view === undefined ? before.view : options.view;
    elementsOf(view, this.#platform.document);
    const option = mergeOptions(before.option, options.option, 'cameraId', 'videoTrack');
    const capture = needsCapture(options.option) ? await this.#capture(option, signal) : before.capture;
    const muted = options.mute === undefined ? before.muted : options.mute !== false;
    const publish = options.publish ?? before.publish;
    this.#started = { capture, option, view, publish, muted };
    if (capture !== before.capture) {
      this.#announce(capture);
      await this.#publication.replaceTrack(capture.track);
      before.capture.release();
    }
    this.#show(this.#started);
    if (options.option?.profile !== undefined) await this.#changeProfile(this.#started);
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
    this.#player.close();
    const stopped = this.#publication.stop();
    capture?.release();
    await stopped.finally(() => this.#muteSwitch.release());
  }

  #show({ capture, option, view, muted }: Started): void {
    this.#muteSwitch.set(capture.track, muted);
    setHint(capture.track, option.qosPreference ?? 'smooth');
    this.#player.setStyle({ fillMode: option.fillMode ?? 'cover', mirror: option.mirror !== false });
    this.#player.setViews(elementsOf(view, this.#platform.document));
    this.#player.play(capture.track);
  }

  #publish({ capture: { track }, option, muted }: Started): Promise<void> {
    const { codec = 'VP8' } = option;
    const encodings = cameraEncodings(track, cameraProfile(option), codec);
    return this.#publication.start({ track, encodings, codec }, muted);
  }

  async #changeProfile({ capture, option }: Started): Promise<void> {
    const profile = cameraProfile(option);
    if (!capture.custom) await capture.track.applyConstraints(sizeOf(profile));
    await this.#publication.limit((encodings) => withProfile(encodings, profile));
  }

  async #capture(option: VideoOption, signal: AbortSignal): Promise<CapturedTrack> {
    if (option.videoTrack) return new CapturedTrack(option.videoTrack, true, () => this.#ended());
    const { cameraId, useFrontCamera } = option;
    const video: MediaTrackConstraints = {
      ...sizeOf(cameraProfile(option)),
      ...(cameraId === undefined ? {} : { deviceId: { exact: cameraId } }),
      ...(useFrontCamera === undefined ? {} : { facingMode: useFrontCamera ? 'user' : 'environment' }),
    };
    const capturing = captureDevice(this.#platform.mediaDevices, { video });
    const track = await abortable(capturing, signal, (late) => late.stop());
    return new CapturedTrack(track, false, () => this.#ended());
  }

  #ended(): void {
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
