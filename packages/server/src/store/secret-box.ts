import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { StoreError } from '../ports/index.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/**
 * Seals texts with AES-256-GCM under the master key. A sealed text opens only for the purpose it was sealed for,
 * so that one row's secret cannot be moved to another row.
 */
export class SecretBox {
  readonly #key: Uint8Array;

  /** `masterKey` has 32 bytes. */
  constructor(masterKey: Uint8Array) {
    this.#key = masterKey;
  }

  /** A key of 32 bytes for one purpose, from which neither the master key nor that of another purpose follows. */
  deriveKey(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#key, '', `roomkey ${purpose}`, 32));
  }

  seal(purpose: string, text: string): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${sealed.toString('base64')}`;
  }

  /** @throws {StoreError} `secretDamaged` when the text was not sealed for this purpose with this key */
  open(purpose: string, sealed: string): string {
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    try {
      const nonce = bytes.subarray(0, NONCE);
      const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG));
      return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new StoreError('secretDamaged', `What is sealed as "${purpose}" was changed or moved.`, {
        cause,
      });
    }
  }
}
