/**
 * Silences captured tracks, or blackens them. A track is silent while its capture is muted, and while a call that mutes or
 * stops it waits for its turn behind other calls. While one track takes the place of another, both are captured.
 */
export class MuteSwitch {
  /** What is captured now, and whether it was enabled when it came. */
  readonly #tracks = new Map<MediaStreamTrack, boolean>();
  #muted = false;
  #ahead = 0;

  /** Mutes what is captured, or ends that. */
  set(muted: boolean): void {
    this.#muted = muted;
    this.#apply();
  }

  /** This is captured from now on. */
  add(track: MediaStreamTrack): void {
    if (!this.#tracks.has(track)) this.#tracks.set(track, track.enabled);
    this.#apply();
  }

  /** This was never sent: it is left as it came. */
  giveBack(track: MediaStreamTrack): void {
    track.enabled = this.#tracks.get(track) ?? track.enabled;
    this.#tracks.delete(track);
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

  /** This is captured no more. A track that the app gave is left as it was before the call that ended its use. */
  release(track: MediaStreamTrack): void {
    if (this.#tracks.delete(track)) track.enabled = !this.#muted;
  }

  #apply(): void {
    for (const track of this.#tracks.keys()) track.enabled = !this.#muted && this.#ahead === 0;
  }
}
