/** A failure that the user can do something about; the message says what, and is shown without a stack. */
export class SetupError extends Error {
  override name = 'SetupError';
}

/** The user ended the set-up with a signal; work done so far is kept. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}
