import { randomBytes } from 'node:crypto';
import type { NewKey } from '@roomkey/protocol';
import type { StoredKey } from '../ports/index.ts';
import { checkSecret } from './rules.ts';

/** 256 random bits, written as the vendor writes its secret keys. */
export const newSecret = (): string => randomBytes(32).toString('hex');

/** The next key of an application: active, with the secret that was given or a new one. @throws {ServiceError} `settingInvalid` */
export function nextKey(
  keys: readonly StoredKey[],
  { secret = newSecret(), createdAt }: { readonly secret?: string | undefined; readonly createdAt: number },
): StoredKey {
  checkSecret(secret, keys);
  return { keyId: `k${keys.length + 1}`, secret, state: 'active', createdAt };
}

/** What the caller is told of a new key: the secret only when it was made here. */
export const told = (key: StoredKey, given: string | undefined): NewKey =>
  given === undefined ? { keyId: key.keyId, secret: key.secret } : { keyId: key.keyId };
