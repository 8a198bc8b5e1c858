import { ServiceError } from '@roomkey/protocol';
import type { ConnectionBook } from '../connection-book.ts';

/** What a connection asks before its member enters or comes back, and tells after it. */
export interface Door {
  /** @throws {ServiceError} `tooManyConnections` for an entry beyond the bounds; nothing is kept from who comes back */
  enters(how: 'enter' | 'resume'): void;
  notEntered(): void;
  entered(): void;
  /** It has no member any more, and its client is given some time to close too. */
  closes(): void;
}

/** The door of one connection of a book. */
export const doorOf = <T>(book: ConnectionBook<T>, connection: T): Door => ({
  enters: (how) => {
    const full = how === 'enter' ? book.fullFor(connection) : undefined;
    if (full)
      throw new ServiceError(
        'tooManyConnections',
        full === 'addressFull' ? 'Too many members are inside from this address.' : undefined,
      );
    book.enters(connection);
  },
  notEntered: () => book.notEntered(connection),
  entered: () => book.entered(connection),
  closes: () => book.closes(connection),
});
