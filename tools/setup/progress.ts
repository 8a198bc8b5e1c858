/** How far a build is, as ninja prints it. */
export interface Step {
  done: number;
  total: number;
}

/** What progress is shown on. */
export interface Screen {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Reads ninja's `[12/261] …`; undefined for every other line. */
export function parseStep(line: string): Step | undefined {
  const match = /^\[(\d+)\/(\d+)\] /.exec(line);
  if (match === null) return undefined;
  const step = { done: Number(match[1]), total: Number(match[2]) };
  return step.total > 0 && step.done <= step.total ? step : undefined;
}

/** `42 % (110 of 261), 2 min 3 s so far, about 2 min 50 s to go`; what is to go is left out before a tenth is done, and at the end. */
export function describeStep(step: Step, milliseconds: number): string {
  const percent = Math.floor((100 * step.done) / step.total);
  const text = `${percent} % (${step.done} of ${step.total}), ${describeTime(milliseconds)} so far`;
  if (step.done * 10 < step.total || step.done === step.total) return text;
  return `${text}, about ${describeTime((milliseconds / step.done) * (step.total - step.done))} to go`;
}

/** `3 min 5 s`, `12 s`. */
export function describeTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Shows progress: on a terminal one line that is rewritten, elsewhere a line for each tenth. */
export class Progress {
  readonly #label: string;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #start: number;
  #tenth = -1;
  #open = false;

  constructor(label: string, screen: Screen, now: () => number = Date.now) {
    this.#label = label;
    this.#screen = screen;
    this.#now = now;
    this.#start = now();
  }

  /** Milliseconds since the work began. */
  get elapsed(): number {
    return this.#now() - this.#start;
  }

  show(step: Step): void {
    const line = `${this.#label} ${describeStep(step, this.elapsed)}`;
    if (this.#screen.isTTY === true) {
      this.#screen.write(`\r\x1b[2K${line}`);
      this.#open = true;
      return;
    }
    const tenth = Math.floor((10 * step.done) / step.total);
    if (tenth === this.#tenth) return;
    this.#tenth = tenth;
    this.#screen.write(`${line}\n`);
  }

  /** Ends the line that is being rewritten, so that other output starts on its own. */
  end(): void {
    if (this.#open) this.#screen.write('\n');
    this.#open = false;
  }
}
