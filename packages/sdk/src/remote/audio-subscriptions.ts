/** Whose sound the app wants to hear: for one user, for everybody, or as the entry said; the narrowest wins. */
export class AudioSubscriptions {
  readonly #single = new Map<string, boolean>();
  #everybody: boolean | undefined;
  #atEntry = true;

  /** What holds where nothing else was said. */
  enter(autoReceiveAudio: boolean): void {
    this.#atEntry = autoReceiveAudio;
  }

  /** `*` stands for everybody and forgets what was said of single users. */
  set(userId: string, wanted: boolean): void {
    if (userId !== '*') {
      this.#single.set(userId, wanted);
      return;
    }
    this.#single.clear();
    this.#everybody = wanted;
  }

  /** Of users of whom nothing was said. */
  get usual(): boolean {
    return this.#everybody ?? this.#atEntry;
  }

  of(userId: string): boolean {
    return this.#single.get(userId) ?? this.usual;
  }

  /** The room was left: nobody is muted any more. */
  reset(): void {
    this.#single.clear();
    this.#everybody = undefined;
  }
}
