import { lstatSync } from 'node:fs';
import path from 'node:path';
import { AdminError } from './admin-error.ts';

/** Bytes that every system has room for (`sun_path` has 104 on BSD and macOS, 108 on Linux, one of them for the end). */
const LONGEST = 103;

/** Where the admin socket of a data folder is. @throws {AdminError} `socketPathTooLong` */
export function socketPath(folder: string): string {
  const file = path.join(folder, 'admin.sock');
  const bytes = Buffer.byteLength(file);
  if (bytes > LONGEST)
    throw new AdminError(
      'socketPathTooLong',
      `${file} has ${bytes} bytes, and the path of a socket at most ${LONGEST}. ` +
        'Set ROOMKEY_DATA_DIR to a shorter one; a symbolic link to the folder will do.',
    );
  return file;
}

/** Whether a socket is where the admin socket goes. @throws {AdminError} `notASocket` when something else is */
export function isSocketThere(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found && !found.isSocket())
    throw new AdminError('notASocket', `${file} is no socket. Move it away; the server listens there.`);
  return found !== undefined;
}
