import { rmSync } from 'node:fs';
import path from 'node:path';
import { StoreError } from '../ports/index.ts';
import { DataDirectory } from './data-directory.ts';
import { nextKeyFile } from './key-proof.ts';
import { keepMasterKey, makeMasterKey, readMasterKey } from './master-key.ts';

/** What a rotation has done, in this order; it can be killed between any two. */
export type RotationStep = 'opened' | 'made' | 'sealed' | 'closed' | 'kept' | 'cleared' | 'finished';

interface RotationOptions {
  readonly folder: string;
  /** The key of now, unless it is in the file `master.key`. */
  readonly masterKey?: Uint8Array | undefined;
  /** The next key. Without it one is made and kept in the file `master.key`, which must hold the key of now. */
  readonly newMasterKey?: Uint8Array | undefined;
  /** Called after each step. */
  readonly reached?: (step: RotationStep) => void;
}

/**
 * Seals everything in a data folder under a new master key. No server may run on it. The journal goes on: its earlier records keep
 * their codes, and the first record under the new key stands behind them. When it is killed it can be run again with the same keys:
 * the folder opens with the old key or the new one, whichever it is sealed under.
 *
 * @throws {StoreError} when the folder cannot be opened, is in use, or the journal cannot be written
 *
 * @example
 * ```ts
 * await rotateMasterKey({ folder: './data' });
 * ```
 */
export async function rotateMasterKey(options: RotationOptions): Promise<void> {
  const { folder, masterKey, newMasterKey, reached = () => {} } = options;
  const keyFile = path.join(folder, 'master.key');
  if (masterKey && !newMasterKey)
    throw new StoreError(
      'masterKeyMissing',
      'The key of now is in ROOMKEY_MASTER_KEY, where no command can change it. Give the new one too: --secret-file or --secret-env.',
    );
  const now = masterKey ?? readMasterKey(keyFile);
  if (newMasterKey && now && Buffer.from(now).equals(newMasterKey))
    throw new StoreError('masterKeyWrong', 'The new master key is the one of now.');
  if (!newMasterKey || !(await opensWith(folder, newMasterKey))) {
    const data = await DataDirectory.open({ folder, masterKey, create: false, waitMs: 0 });
    let next: Uint8Array;
    try {
      reached('opened');
      next = newMasterKey ?? makeMasterKey(nextKeyFile(keyFile));
      reached('made');
      await data.sealUnder(next);
      reached('sealed');
    } finally {
      await data.close();
    }
    reached('closed');
    if (!newMasterKey) keepMasterKey(keyFile, next);
    reached('kept');
  }
  // Nothing is sealed under what these hold.
  if (newMasterKey) rmSync(keyFile, { force: true });
  rmSync(nextKeyFile(keyFile), { force: true });
  reached('cleared');
  const data = await DataDirectory.open({ folder, masterKey: newMasterKey, create: false, waitMs: 0 });
  await data.close();
  reached('finished');
}

/** Whether a folder is sealed under a key: a rotation to it was killed after that. */
async function opensWith(folder: string, masterKey: Uint8Array): Promise<boolean> {
  try {
    const data = await DataDirectory.open({ folder, masterKey, create: false, waitMs: 0 });
    await data.close();
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'masterKeyWrong') return false;
    throw error;
  }
}
