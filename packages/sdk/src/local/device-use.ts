import { abortable } from '../calls/queue.ts';
import type { RtcError } from '../errors/rtc-error.ts';
import type { Emit } from '../events/events.ts';
import { allOrNothing, type Undo } from './all-or-nothing.ts';
import { CapturedTrack } from './captured-track.ts';
import { MuteSwitch } from './mute-switch.ts';
import type { Publication, Told } from './publication.ts';

/** The part of the options that microphones and cameras have in common. */
interface UseOptions {
  readonly publish?: boolean | undefined;
  readonly mute?: boolean | string | undefined;
}

/** The use of a microphone or a camera: what is captured, whether it is muted, and whether it is sent. */
export class DeviceUse {
  readonly #emit: Emit;
  readonly #publication: Publication;
  readonly #lost: () => RtcError;
  readonly #muteSwitch = new MuteSwitch();
  #capture: CapturedTrack | undefined;
  #publish = false;
  #muted = false;

  /** `lost` makes the error with which the publication ends when the device stops by itself. */
  constructor(emit: Emit, publication: Publication, lost: () => RtcError) {
    this.#emit = emit;
    this.#publication = publication;
    this.#lost = lost;
  }

  /** What is captured, from {@link begin} until {@link stop}. */
  get capture(): CapturedTrack | undefined {
    return this.#capture;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /**
   * The track that the app gave, or else what `open` captures. What is in use already stays the same.
   *
   * @throws {RtcError} `trackEnded`, `aborted`, a device error
   */
  async take(
    given: MediaStreamTrack | undefined,
    open: () => Promise<MediaStreamTrack>,
    signal: AbortSignal,
  ): Promise<CapturedTrack> {
    const now = this.#capture;
    if (given && given === now?.track && !now.ended) return now;
    const ended = (captured: CapturedTrack) => this.#ended(captured);
    if (given) return new CapturedTrack(given, true, ended);
    const track = await abortable(open(), signal, (late) => late.stop());
    return new CapturedTrack(track, false, ended);
  }

  /** Begins with this; `send` publishes it. */
  async begin(
    capture: CapturedTrack,
    { publish = true, mute = false }: UseOptions,
    send: () => Promise<void>,
  ): Promise<void> {
    this.#capture = capture;
    this.#publish = publish;
    this.#muted = mute !== false;
    this.#muteSwitch.set(this.#muted);
    this.#muteSwitch.add(capture.track);
    this.#announce(capture);
    if (publish) await send();
  }

  /** Mutes if the options say so, whatever becomes of the rest of the call. */
  async muteFirst({ mute }: UseOptions): Promise<Told> {
    if (!mute) return {};
    this.#muted = true;
    this.#muteSwitch.set(true);
    const { wanted, waiting } = this.#publication;
    return wanted || waiting ? this.#publication.setMuted(true) : {};
  }

  /**
   * Puts `capture` in the place of the one before, with what `step` does between; or leaves all as it was. True when it is
   * another one.
   *
   * @throws {RtcError} the refusal of the browser or of `step`, `trackEnded`
   */
  async replace(
    before: CapturedTrack,
    capture: CapturedTrack,
    step: (undo: Undo) => Promise<void> = async () => {},
  ): Promise<boolean> {
    const isOther = capture !== before;
    await allOrNothing(async (undo) => {
      if (isOther) {
        undo(() => capture.release());
        this.#muteSwitch.add(capture.track);
        undo(() => this.#muteSwitch.giveBack(capture.track));
      }
      await step(undo);
      if (!isOther) return;
      await this.#publication.replaceTrack(capture.track);
      undo(() => this.#publication.replaceTrack(before.track));
      capture.requireLive();
    });
    if (!isOther) return false;
    this.#muteSwitch.release(before.track);
    before.release();
    this.#capture = capture;
    this.#announce(capture);
    return true;
  }

  /**
   * The end of an update: what the options say of muting and sending. `muting` is what {@link muteFirst} gave; `isOther` what
   * {@link replace} gave; `send` publishes.
   */
  async settle(
    { publish, mute }: UseOptions,
    muting: Told,
    isOther: boolean,
    send: () => Promise<void>,
  ): Promise<Told> {
    this.#publish = publish ?? this.#publish;
    if (mute !== undefined) this.#muted = mute !== false;
    this.#muteSwitch.set(this.#muted);
    if (!this.#publish) await this.#publication.stop();
    else if (this.#publication.wanted || (this.#publication.waiting && !publish))
      return muting.told ? muting : this.#publication.setMuted(this.#muted);
    else if (publish || isOther) await send();
    return {};
  }

  /** Nothing is heard or seen of the capture from now on until `call` is over, which mutes or stops it. */
  mutedDuring<T>(call: Promise<T>): Promise<T> {
    return this.#muteSwitch.during(call);
  }

  async stop(): Promise<void> {
    const capture = this.#capture;
    this.#capture = undefined;
    const stopped = this.#publication.stop();
    capture?.release();
    await stopped.finally(() => capture && this.#muteSwitch.release(capture.track));
  }

  #ended(captured: CapturedTrack): void {
    if (captured === this.#capture) this.#publication.stop(this.#lost()).catch(() => {});
  }

  #announce({ track }: CapturedTrack): void {
    this.#emit('track', { userId: '', streamType: 'main', track, sourceTrack: track });
  }
}
