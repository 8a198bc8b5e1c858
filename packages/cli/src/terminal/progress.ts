import type { Terminal } from './terminal.ts';

/** Milliseconds until something that takes long says how far it is, and between two times that it does. */
const EVERY_MS = 2000;

/** Says beside the result how far something is that takes long. */
export class Progress {
  readonly #terminal: Pick<Terminal, 'err'>;
  readonly #noun: string;
  #next = performance.now() + EVERY_MS;

  /** `noun` names what is counted. */
  constructor(terminal: Pick<Terminal, 'err'>, noun: string) {
    this.#terminal = terminal;
    this.#noun = noun;
  }

  at(count: number): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + EVERY_MS;
    this.#terminal.err(`… ${count.toLocaleString('en')} ${this.#noun}`);
  }
}
