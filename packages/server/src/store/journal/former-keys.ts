import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../schema.ts';
import type { SecretBox } from '../secret-box.ts';
import type { FormerKey } from './chain.ts';

const FACT = 'former journal keys';

/**
 * The keys of the journal that followed from former master keys, the oldest first. They are sealed under the master key of now.
 *
 * @throws {StoreError} `secretDamaged`
 */
export async function readFormerKeys(db: Kysely<Tables>, box: SecretBox): Promise<readonly FormerKey[]> {
  const fact = await db.selectFrom('store_facts').select('value').where('name', '=', FACT).executeTakeFirst();
  if (!fact) return [];
  const keys = JSON.parse(box.open(FACT, fact.value)) as { upTo: number; key: string }[];
  return keys.map(({ upTo, key }) => ({ upTo, key: new Uint8Array(Buffer.from(key, 'hex')) }));
}

/** Keeps them, sealed. */
export async function writeFormerKeys(
  all: Transaction<Tables>,
  box: SecretBox,
  keys: readonly FormerKey[],
): Promise<void> {
  const text = JSON.stringify(keys.map(({ upTo, key }) => ({ upTo, key: Buffer.from(key).toString('hex') })));
  await all.deleteFrom('store_facts').where('name', '=', FACT).execute();
  await all
    .insertInto('store_facts')
    .values({ name: FACT, value: box.seal(FACT, text) })
    .execute();
}
