import { existsSync, statSync } from 'node:fs';
import { StoreError } from '../ports/index.ts';

/** Whether the file of a database holds anything. @throws {StoreError} `readOnly` when that cannot be seen */
export function hasData(file: string): boolean {
  try {
    return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StoreError('readOnly', `${file} cannot be read by the user of this process (${code}).`, {
      cause,
    });
  }
}

/** @throws {StoreError} `databaseMissing` when a database has left its master key behind */
export function requireDatabase(file: string, keyFile: string): void {
  if (!hasData(file) && existsSync(keyFile))
    throw new StoreError(
      'databaseMissing',
      `${file} is gone, but ${keyFile} is there. Restore the database, or move master.key away to start anew.`,
    );
}
