/** False for a text with an unpaired surrogate: they all become the same three bytes of UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * True for a user id that can be signed without doubt.
 *
 * The signed text has no escaping: an id with a newline could imitate the lines after it, a NUL ends a text
 * for some implementations, and an unpaired surrogate is not the only text with its bytes.
 */
export function isSafeUserId(userId: string): boolean {
  return !/[\0\n\p{Surrogate}]/u.test(userId);
}
