/** Who does something, and why. */
export interface By {
  readonly actor: string;
  /** A short reason, which members are told of what is denied to them; 1 to 64 printable characters. Default `operator`. */
  readonly cause?: string | undefined;
}

/** Who and why, with nothing left open. */
export type Decided = Readonly<Record<'actor' | 'cause', string>>;
