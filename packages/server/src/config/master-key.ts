import { key32 } from './values.ts';

/**
 * A master key from its text.
 *
 * @throws {Error} that never holds the text
 *
 * @example
 * ```ts
 * masterKeyFrom('0f'.repeat(32)).length; // 32
 * ```
 */
export function masterKeyFrom(text: string): Uint8Array {
  const read = key32.safeParse(text);
  if (!read.success) throw new Error(`The new master key ${read.error.issues[0]?.message}.`);
  return read.data;
}
