/**
 * The last answer to a question that is asked anew only when it is older than `ms`: however many want to know, it is asked no
 * more often. A failure is not kept.
 */
export class Recent<T> {
  readonly #ms: number;
  readonly #ask: () => Promise<T>;
  #answer: Promise<T> | undefined;
  #askedAt = 0;

  constructor(ms: number, ask: () => Promise<T>) {
    this.#ms = ms;
    this.#ask = ask;
  }

  get(): Promise<T> {
    const now = performance.now();
    if (this.#answer && now - this.#askedAt < this.#ms) return this.#answer;
    const answer = this.#ask();
    this.#answer = answer;
    this.#askedAt = now;
    answer.catch(() => {
      if (this.#answer === answer) this.#answer = undefined;
    });
    return answer;
  }
}
