import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { StoreError } from '../ports/index.ts';

/** Writes a file that only its owner can read, whole or not at all, and durable when it returns. */
export function writePrivateFile(file: string, text: string): void {
  const draft = `${file}.new`;
  try {
    const fd = openSync(draft, 'w', 0o600);
    writeSync(fd, text);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, file);
    const folder = openSync(path.dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const fault = code === 'ENOSPC' ? 'full' : 'readOnly';
    throw new StoreError(fault, `${file} cannot be written (${code}).`, { cause });
  }
}
