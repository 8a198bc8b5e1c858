/** @throws {RangeError} unless `value` is a whole number from `lowest` to `highest`. */
export function requireWhole(name: string, value: number, lowest: number, highest: number): void {
  if (!Number.isInteger(value) || value < lowest || value > highest) {
    throw new RangeError(`${name} must be a whole number from ${lowest} to ${highest}.`);
  }
}

/** @throws {TypeError} unless `value` is a text with at least one character. */
export function requireText(name: string, value: string): void {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`${name} must be a text that is not empty.`);
}

/** The largest unsigned 32-bit number. */
export const maxU32 = 0xffff_ffff;
