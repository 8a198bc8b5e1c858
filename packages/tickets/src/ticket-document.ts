import { fromCanonicalBase64 } from './base64.ts';
import { isSafeUserId } from './safe-text.ts';
import { TicketError } from './ticket-error.ts';

/** What the JSON text of a ticket says; nothing in it is proven. */
export interface TicketDocument {
  readonly userId: string;
  readonly sdkAppId: number;
  /** Unix seconds. */
  readonly time: number;
  /** Seconds of validity from `time`. */
  readonly expire: number;
  /** Standard base64, as signed; a UserSig has none. */
  readonly userbuf: string | undefined;
  /** Standard base64 of 32 bytes. */
  readonly sig: string;
}

type Members = ReadonlyMap<string, string | number>;

const memberNames = new Set([
  'TLS.ver',
  'TLS.identifier',
  'TLS.sdkappid',
  'TLS.time',
  'TLS.expire',
  'TLS.userbuf',
  'TLS.sig',
]);

const notSpace = /[^ \t\r\n]/;

/** One member and what ends it. No official library escapes a member's name, so an escaped one is unknown. */
const member =
  /[ \t\r\n]*"([A-Za-z.]*)"[ \t\r\n]*:[ \t\r\n]*("(?:[^"\\]|\\.)*"|0|[1-9][0-9]{0,15})[ \t\r\n]*([,}])/y;

/**
 * Parses the JSON text of a ticket: one flat object of the known members in any order, none twice, no other.
 * A missing `TLS.expire` is 0, because the vendor's Go library leaves a 0 out.
 *
 * @throws {TicketError} `malformed`; `unsafe` for a user id that {@link isSafeUserId} refuses.
 */
export function parseDocument(json: string): TicketDocument {
  const members = parseMembers(json);
  if (members.get('TLS.ver') !== '2.0') throw malformed('TLS.ver is not "2.0"');
  const userbuf = members.has('TLS.userbuf') ? text(members, 'TLS.userbuf') : undefined;
  if (userbuf !== undefined && !fromCanonicalBase64(userbuf)) throw malformed('TLS.userbuf is not base64');
  const sig = text(members, 'TLS.sig');
  if (fromCanonicalBase64(sig)?.length !== 32) throw malformed('TLS.sig is not 32 bytes in base64');
  const userId = text(members, 'TLS.identifier');
  if (!isSafeUserId(userId)) throw new TicketError('unsafe');
  return {
    userId,
    sdkAppId: whole(members, 'TLS.sdkappid'),
    time: whole(members, 'TLS.time'),
    expire: members.has('TLS.expire') ? whole(members, 'TLS.expire') : 0,
    userbuf,
    sig,
  };
}

/** The JSON text of a document, in the member order of the vendor's Node.js library. */
export function printDocument({ userId, sdkAppId, time, expire, userbuf, sig }: TicketDocument): string {
  const room = userbuf === undefined ? '' : `"TLS.userbuf":"${userbuf}",`;
  return (
    `{"TLS.ver":"2.0","TLS.identifier":${JSON.stringify(userId)},"TLS.sdkappid":${sdkAppId},` +
    `"TLS.time":${time},"TLS.expire":${expire},${room}"TLS.sig":"${sig}"}`
  );
}

function parseMembers(json: string): Members {
  const members = new Map<string, string | number>();
  const start = json.search(notSpace);
  if (json[start] !== '{') throw malformed('its text is not a JSON object');
  member.lastIndex = start + 1;
  for (let end = ','; end === ','; ) {
    const found = member.exec(json);
    if (!found) throw malformed("its text is not a flat JSON object of a ticket's members");
    const [, name, value, next] = found as unknown as [string, string, string, string];
    if (!memberNames.has(name)) throw malformed('it has a member that tickets do not have');
    if (members.has(name)) throw malformed(`it has ${name} twice`);
    members.set(name, value.startsWith('"') ? unquote(value) : Number(value));
    end = next;
  }
  if (notSpace.test(json.slice(member.lastIndex))) throw malformed('something follows its JSON object');
  return members;
}

function unquote(quoted: string): string {
  if (!/[\\\p{Cc}]/u.test(quoted)) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw malformed('its text is not JSON');
  }
}

function text(members: Members, name: string): string {
  const value = members.get(name);
  if (typeof value !== 'string') throw malformed(`${name} is not a text`);
  return value;
}

function whole(members: Members, name: string): number {
  const value = members.get(name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw malformed(`${name} is not a whole number`);
  return value;
}

function malformed(detail: string): TicketError {
  return new TicketError('malformed', detail);
}
