import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { StoreError } from '../ports/index.ts';
import { writePrivateFile } from './private-file.ts';

/**
 * The master key in a file, or undefined when there is no such file.
 *
 * @throws {StoreError} `exposed` when others may read it, `masterKeyMalformed`, or `readOnly` when it cannot be read
 */
export function readMasterKey(file: string): Uint8Array | undefined {
  if (!existsSync(file)) return undefined;
  if ((statSync(file).mode & 0o077) !== 0)
    throw new StoreError('exposed', `Others may read ${file}. Run: chmod 600 ${file}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StoreError('readOnly', `${file} cannot be read by the user of this process.`, { cause });
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text))
    throw new StoreError('masterKeyMalformed', `${file} is no master key. Restore it from a backup.`);
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}

/** Makes a master key and keeps it in a file that only its owner can read. */
export function makeMasterKey(file: string): Uint8Array {
  const key = new Uint8Array(randomBytes(32));
  keepMasterKey(file, key);
  return key;
}

/** Keeps a master key in a file that only its owner can read. */
export function keepMasterKey(file: string, key: Uint8Array): void {
  writePrivateFile(file, `${Buffer.from(key).toString('hex')}\n`);
}
