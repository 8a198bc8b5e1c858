import type { LocalVideoOptions, QosPreference, View } from '../calls/options.ts';
import { profileOf, type VideoProfile, videoProfiles } from '../calls/profiles.ts';
import { elementsOf } from '../calls/view.ts';
import { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import type { Platform, VideoPlayer } from '../platform/platform.ts';
import { captureDevice, deviceError } from './capture.ts';
import type { CapturedTrack } from './captured-track.ts';
import { DeviceUse } from './device-use.ts';
import { cameraEncodings, pictureSize } from './encodings.ts';
import { mergeOptions } from './merge-options.ts';
import type { Publication, Told } from './publication.ts';

type VideoOption = NonNullable<LocalVideoOptions['option']>;

/** This user's camera. Its calls come one at a time. */
export class LocalVideo {
  readonly #platform: Platform;
  readonly #publication: Publication;
  readonly #player: VideoPlayer;
  readonly #use: DeviceUse;
  #option: VideoOption = {};
  #view: View | undefined;

  constructor(platform: Platform, emit: Emit, publication: Publication, player: VideoPlayer) {
    this.#platform = platform;
    this.#publication = publication;
    this.#player = player;
    this.#use = new DeviceUse(
      emit,
      publication,
      () => new RtcError('cameraLost', 'The camera stopped; it may have been unplugged.'),
    );
  }

  get track(): MediaStreamTrack | undefined {
    return this.#use.capture?.track;
  }

  /** @throws {RtcError} `repeatedCall`, a view or device error, or the server's refusal, after which the preview stays */
  async start(options: LocalVideoOptions, signal: AbortSignal): Promise<void> {
    if (this.#use.capture)
      throw new RtcError('repeatedCall', 'Local video is started already; use updateLocalVideo.');
    const { view, option = {} } = options;
    const elements = elementsOf(view, this.#platform.document);
    const capture = await this.#capture(option, signal);
    this.#option = option;
    this.#view = view;
    this.#show(capture, elements);
    await this.#use.begin(capture, options, () => this.#publish(capture));
  }

  /**
   * Changes what the options name. A view, device, track or profile that is refused changes nothing, but a mute acts in any case.
   *
   * @throws {RtcError} `notStarted`, a view error, `trackEnded`, a device error, or the server's refusal to publish
   */
  async update(options: LocalVideoOptions, signal: AbortSignal): Promise<Told> {
    const before = this.#use.capture;
    if (!before) throw new RtcError('notStarted', 'Local video is not started; use startLocalVideo.');
    const muting = await this.#use.muteFirst(options);
    const { view = this.#view, option: update } = options;
    const elements = elementsOf(view, this.#platform.document);
    const option = mergeOptions(this.#option, update, 'cameraId', 'videoTrack');
    const capture = needsCapture(update) ? await this.#capture(option, signal) : before;
    const isOther = await this.#use.replace(before, capture, async (undo) => {
      const [old, profile] = [cameraProfile(this.#option), cameraProfile(option)];
      if (update?.profile !== undefined) {
        undo(() => this.#setSize(before, old));
        await this.#setSize(capture, profile);
      } else if (capture === before) return;
      undo(() => this.#encode(before, old));
      await this.#encode(capture, profile);
    });
    this.#option = option;
    this.#view = view;
    this.#show(capture, elements);
    return this.#use.settle(options, muting, isOther, () => this.#publish(capture));
  }

  /** Nothing is seen of the capture from now on until `call` is over, which mutes or stops it. */
  mutedDuring<T>(call: Promise<T>): Promise<T> {
    return this.#use.mutedDuring(call);
  }

  stop(): Promise<void> {
    this.#player.close();
    return this.#use.stop();
  }

  async #setSize({ custom, track }: CapturedTrack, profile: VideoProfile): Promise<void> {
    if (custom) return;
    await track.applyConstraints(sizeOf(profile)).catch((error: unknown) => {
      throw deviceError(error, 'The camera');
    });
  }

  #encode({ track }: CapturedTrack, profile: VideoProfile): Promise<void> {
    return this.#publication.encode((codec) => cameraEncodings(pictureSize(track, profile), profile, codec));
  }

  #show({ track }: CapturedTrack, elements: readonly HTMLElement[]): void {
    const { qosPreference = 'smooth', fillMode = 'cover', mirror } = this.#option;
    setHint(track, qosPreference);
    this.#player.setStyle({ fillMode, mirror: mirror !== false });
    this.#player.setViews(elements);
    this.#player.play(track);
  }

  #publish({ track }: CapturedTrack): Promise<void> {
    const { codec = 'VP8' } = this.#option;
    const profile = cameraProfile(this.#option);
    const encodings = cameraEncodings(pictureSize(track, profile), profile, codec);
    return this.#publication.start({ track, encodings, codec }, this.#use.muted);
  }

  #capture(option: VideoOption, signal: AbortSignal): Promise<CapturedTrack> {
    const { cameraId, useFrontCamera } = option;
    const video: MediaTrackConstraints = {
      ...sizeOf(cameraProfile(option)),
      ...(cameraId === undefined ? {} : { deviceId: { exact: cameraId } }),
      ...(useFrontCamera === undefined ? {} : { facingMode: useFrontCamera ? 'user' : 'environment' }),
    };
    const open = () => captureDevice(this.#platform.mediaDevices, { video });
    return this.#use.take(option.videoTrack, open, signal);
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
