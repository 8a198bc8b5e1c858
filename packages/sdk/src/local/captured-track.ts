/** A track and whose it is: one that the SDK captured is stopped with its use, one that the app gave is not. */
export class CapturedTrack {
  readonly track: MediaStreamTrack;
  /** The app gave the track. */
  readonly custom: boolean;
  readonly #onEnded: () => void;

  /** `onEnded` runs when the track ends by itself: unplugged, revoked, or ended by the user in the browser. */
  constructor(track: MediaStreamTrack, custom: boolean, onEnded: () => void) {
    this.track = track;
    this.custom = custom;
    this.#onEnded = onEnded;
    track.addEventListener('ended', onEnded);
  }

  release(): void {
    this.track.removeEventListener('ended', this.#onEnded);
    if (!this.custom) this.track.stop();
  }
}
