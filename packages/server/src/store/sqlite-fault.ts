import { StoreError, type StoreFault } from '../ports/index.ts';

const faults: Readonly<Record<string, readonly [StoreFault, string]>> = {
  SQLITE_BUSY: [
    'locked',
    'is held by another program. Close that program (a database shell, a backup) and try again.',
  ],
  SQLITE_LOCKED: ['locked', 'is held by another program. Close that program and try again.'],
  SQLITE_READONLY: [
    'readOnly',
    'cannot be written. Give the user of this process the right to write it and its folder.',
  ],
  SQLITE_PERM: ['readOnly', 'may not be opened by the user of this process.'],
  SQLITE_CANTOPEN: ['readOnly', 'cannot be opened for writing by the user of this process.'],
  SQLITE_FULL: ['full', 'cannot grow: the disk is full.'],
  SQLITE_NOTADB: ['notADatabase', 'is no database. Restore it from a backup, or move it away to start anew.'],
  SQLITE_CORRUPT: ['notADatabase', 'is damaged. Restore it from a backup, or move it away to start anew.'],
};

/** What an error of the database means for the operator of `file`. */
export function storeError(file: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
  // Extended codes are the plain one with more behind it: SQLITE_READONLY_DIRECTORY.
  const plain = /^SQLITE_[A-Z]+/.exec(String(code))?.[0] ?? openFailure(String(message));
  const [fault, text] =
    (plain && faults[plain]) || (['failed', `failed (${plain ?? 'unknown error'}).`] as const);
  return new StoreError(fault, `${file} ${text}`, { cause });
}

/** A change was decided on something else than what `file` holds by now. */
export const changedMeanwhile = (file: string): StoreError =>
  new StoreError('conflict', `${file} was changed by another process at the same time. Try again.`);

/** The driver reports a failed open without a code; SQLite's number is the last thing in its text. */
function openFailure(message: string): string | undefined {
  return /Unable to open connection.*: 14"?\)?$/.test(message) ? 'SQLITE_CANTOPEN' : undefined;
}
