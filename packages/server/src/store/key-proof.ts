import type { Kysely, Transaction } from 'kysely';
import { StoreError } from '../ports/index.ts';
import { keepMasterKey, makeMasterKey, readMasterKey } from './master-key.ts';
import type { Tables } from './schema.ts';
import { SecretBox } from './secret-box.ts';

const PROOF = 'master key';

/** The file of a master key that is about to become the one of a folder. */
export const nextKeyFile = (keyFile: string): string => `${keyFile}.next`;

/**
 * Finds the master key and proves that it is the one of this database. The first master key that a database is opened with
 * becomes its own. From then on a missing key, or another one, is an error. Takes over the next key of a rotation that was killed
 * when the database was sealed under it already.
 *
 * @throws {StoreError} `masterKeyMissing`, `masterKeyWrong`, and what is wrong with the file
 */
export async function openBox(
  db: Kysely<Tables>,
  keyFile: string,
  given: Uint8Array | undefined,
): Promise<SecretBox> {
  const proof = await db
    .selectFrom('store_facts')
    .select('value')
    .where('name', '=', PROOF)
    .executeTakeFirst();
  const key = given ?? readMasterKey(keyFile) ?? (proof ? undefined : makeMasterKey(keyFile));
  if (proof && !given && !(key && isProven(key, proof.value))) {
    const next = readMasterKey(nextKeyFile(keyFile));
    if (next && isProven(next, proof.value)) {
      keepMasterKey(keyFile, next);
      return new SecretBox(next);
    }
  }
  if (!key)
    throw new StoreError(
      'masterKeyMissing',
      `The secrets are sealed, and neither ${keyFile} nor ROOMKEY_MASTER_KEY is there. Restore one of them.`,
    );
  if (proof && !isProven(key, proof.value)) {
    const from = given ? 'ROOMKEY_MASTER_KEY' : keyFile;
    const text = `${from} is not the master key that the secrets were sealed with.`;
    throw new StoreError('masterKeyWrong', text);
  }
  const box = new SecretBox(key);
  if (!proof) await db.transaction().execute((all) => writeProof(all, box));
  return box;
}

/** Makes the master key of a box the one of the database. */
export async function writeProof(all: Transaction<Tables>, box: SecretBox): Promise<void> {
  await all.deleteFrom('store_facts').where('name', '=', PROOF).execute();
  await all
    .insertInto('store_facts')
    .values({ name: PROOF, value: box.seal(PROOF, PROOF) })
    .execute();
}

function isProven(key: Uint8Array, proof: string): boolean {
  try {
    new SecretBox(key).open(PROOF, proof);
    return true;
  } catch {
    return false;
  }
}
