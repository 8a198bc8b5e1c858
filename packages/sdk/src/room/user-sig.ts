import { RtcError } from '../errors/rtc-error.ts';
import { inflatedText } from '../platform/inflate.ts';

/** What a UserSig says of itself. Nothing is verified here: the server does that. */
export interface UserSigText {
  readonly sdkAppId: unknown;
  readonly userId: unknown;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Longer than any ticket that the server takes. */
const MAX_LENGTH = 16 * 1024;

/**
 * Reads a UserSig: JSON, as a zlib stream, in base64 with `*`, `-`, `_` for `+`, `/`, `=`. Undefined where the browser cannot.
 *
 * @throws {RtcError} `userSigMalformed`, `userSigIsPrivateMapKey`
 */
export async function readUserSig(userSig: string): Promise<UserSigText | undefined> {
  const document = await readDocument(userSig);
  if (!document) return undefined;
  if (Object.hasOwn(document, 'TLS.userbuf'))
    throw new RtcError('userSigIsPrivateMapKey', 'A PrivateMapKey was given as UserSig.');
  const expiresAt = Number(document['TLS.time']) + Number(document['TLS.expire'] ?? 0);
  if (!Number.isSafeInteger(expiresAt)) throw malformed();
  return { sdkAppId: document['TLS.sdkappid'], userId: document['TLS.identifier'], expiresAt };
}

async function readDocument(userSig: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    if (userSig.length > MAX_LENGTH) throw malformed();
    const base64 = userSig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
    const text = await inflatedText(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
    return text === undefined ? undefined : Object(JSON.parse(text));
  } catch {
    throw malformed();
  }
}

const malformed = () =>
  new RtcError('userSigMalformed', 'The UserSig cannot be read as a ticket; it may have been cut off.');
