import type { Clock } from '../ports/index.ts';

/** Unanswered pings after which a client counts as gone. */
const maxMissed = 2;

/** Pings a client every `seconds` and tells when two pings in a row stayed unanswered. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #ping: () => void;
  readonly #silent: () => void;
  #missed = 0;
  #cancel: () => void;

  constructor(options: { clock: Clock; seconds: number; ping: () => void; silent: () => void }) {
    this.#clock = options.clock;
    this.#everyMs = options.seconds * 1000;
    this.#ping = options.ping;
    this.#silent = options.silent;
    this.#cancel = this.#wait();
  }

  /** A pong came; false when it answers no ping. */
  ponged(): boolean {
    const answers = this.#missed > 0;
    this.#missed = 0;
    return answers;
  }

  stop(): void {
    this.#cancel();
  }

  #wait(): () => void {
    return this.#clock.after(this.#everyMs, () => {
      if (this.#missed >= maxMissed) return this.#silent();
      this.#missed += 1;
      this.#ping();
      this.#cancel = this.#wait();
    });
  }
}
