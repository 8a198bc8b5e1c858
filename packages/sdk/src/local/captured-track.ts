import { RtcError } from '../errors/rtc-error.ts';

/** A track and whose it is: one that the SDK captured is stopped with its use, one that the app gave is not. */
export class CapturedTrack {
  readonly track: MediaStreamTrack;
  /** The app gave the track. */
  readonly custom: boolean;
  readonly #onEnded: () => void;

  /**
   * `onEnded` runs when the track ends by itself: unplugged, revoked, or ended by the user in the browser.
   *
   * @throws {RtcError} `trackEnded` for a track of the app that has ended
   */
  constructor(track: MediaStreamTrack, custom: boolean, onEnded: (captured: CapturedTrack) => void) {
    this.track = track;
    this.custom = custom;
    if (custom) this.requireLive();
    this.#onEnded = () => onEnded(this);
    track.addEventListener('ended', this.#onEnded);
  }

  get ended(): boolean {
    return this.track.readyState === 'ended';
  }

  /** @throws {RtcError} `trackEnded` */
  requireLive(): void {
    if (this.ended)
      throw new RtcError('trackEnded', `The ${this.track.kind} track has ended; give one that is live.`);
  }

  release(): void {
    this.track.removeEventListener('ended', this.#onEnded);
    if (!this.custom) this.track.stop();
  }
}
