import type { MemberLink } from '../../ports/index.ts';

/** The way to a client that has no connection: what is said there is lost. */
export const nowhere: MemberLink = { notify: () => {}, end: () => {}, lag: () => {} };
