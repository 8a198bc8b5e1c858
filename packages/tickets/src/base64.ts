import { Buffer } from 'node:buffer';

/** The bytes of a standard, padded base64 text, or `undefined` unless it is the one text that encodes them. */
export function fromCanonicalBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
