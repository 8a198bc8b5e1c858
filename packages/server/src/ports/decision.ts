import type { Actor } from '@roomkey/tickets/permissions';

/** Who decided that something is as it is, why, and since when. */
export interface Decision {
  readonly actor: Actor;
  /** A short reason, 1 to 64 printable characters. Members are told the reason of what is denied to them. */
  readonly cause: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** A decision that is not dated yet. */
export type Decided = Omit<Decision, 'since'>;

/** What an operator's request says of its decision. The cause is `operator` unless the request names another one. */
export type By = Pick<Decided, 'actor'> & { readonly [K in 'cause']?: Decided[K] | undefined };
