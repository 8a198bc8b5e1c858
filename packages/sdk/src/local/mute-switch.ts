/**
 * Silences a captured track, or blackens it. A track is silent while its capture is muted, and while a call that mutes or
 * stops it waits for its turn behind other calls.
 */
export class MuteSwitch {
  #track: MediaStreamTrack | undefined;
  #muted = false;
  #ahead = 0;

  /** This is what is captured now, and whether it is muted. */
  set(track: MediaStreamTrack, muted: boolean): void {
    this.#track = track;
    this.#muted = muted;
    this.#apply();
  }

  /** Mutes at once, until `call` is over. What the call has {@link set} counts then. */
  async during<T>(call: Promise<T>): Promise<T> {
    this.#ahead += 1;
    this.#apply();
    try {
      return await call;
    } finally {
      this.#ahead -= 1;
      this.#apply();
    }
  }

  /** The capture ended. A track that the app gave is left as it was before the call that ended it. */
  release(): void {
    if (this.#track) this.#track.enabled = !this.#muted;
    this.#track = undefined;
  }

  #apply(): void {
    if (this.#track) this.#track.enabled = !this.#muted && this.#ahead === 0;
  }
}
