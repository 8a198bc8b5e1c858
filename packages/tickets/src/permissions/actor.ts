/**
 * Who brought something about. The type tells a user who is called `system` from the server, and one who is called as an operator
 * from the operator.
 */
export interface Actor {
  /** `user`: a user of the application. `operator`: who administers. `system`: the server by itself. */
  readonly type: 'user' | 'operator' | 'system';
  /** The user id, or the name of who administers. Absent where nobody has to be told from others. */
  readonly id?: string | undefined;
}

/** The server by itself. */
export const systemActor: Actor = { type: 'system' };

/**
 * A user of the application.
 *
 * @example
 * ```ts
 * userActor('ana'); // { type: 'user', id: 'ana' }
 * ```
 */
export const userActor = (userId: string): Actor => ({ type: 'user', id: userId });

/**
 * Who administers; without a name: some operator.
 *
 * @example
 * ```ts
 * operatorActor('eve'); // { type: 'operator', id: 'eve' }
 * operatorActor(); // { type: 'operator' }
 * ```
 */
export const operatorActor = (name?: string): Actor =>
  name === undefined ? { type: 'operator' } : { type: 'operator', id: name };

/**
 * Whether two are the same.
 *
 * @example
 * ```ts
 * sameActor(userActor('system'), systemActor); // false
 * ```
 */
export const sameActor = (one: Actor, other: Actor | undefined): boolean =>
  one.type === other?.type && one.id === other.id;
