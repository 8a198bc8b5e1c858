import { Buffer } from 'node:buffer';
import type { PlainTicket } from './published-algorithm.ts';
import { fromTicketBase64, sealJson, toTicketBase64 } from './seal-json.ts';

/**
 * How to change a good ticket, on one of six layers: the characters of the ticket, the bytes of its stream, the
 * bytes of its JSON, its members, the bytes of its userbuf, or single values in a form that stays good. What
 * lies further out is encoded anew, so that a mutant reaches the checks further in.
 */
export interface Mutation {
  readonly layer: Layer;
  /** Which ticket to change, and which to take parts from. */
  readonly original: number;
  readonly donor: number;
  /** Compression of what is encoded anew. */
  readonly level: number;
  readonly edits: readonly Edit[];
}

export type Layer = 'characters' | 'stream' | 'json' | 'members' | 'userbuf' | 'values';

export interface Edit {
  readonly how: 'set' | 'flip' | 'insert' | 'delete' | 'take' | 'double';
  readonly at: number;
  readonly byte: number;
}

/** A good ticket, and what it says. */
export interface Original {
  readonly ticket: string;
  readonly members: PlainTicket;
}

/** The ticket that a mutation makes of one of the originals. */
export function mutate(
  { layer, original, donor, level, edits }: Mutation,
  originals: readonly Original[],
): string {
  const { ticket, members } = pick(originals, original);
  const { ticket: otherTicket, members: otherMembers } = pick(originals, donor);
  if (layer === 'characters')
    return editBytes(Buffer.from(ticket), Buffer.from(otherTicket), edits).toString();
  if (layer === 'stream') {
    return toTicketBase64(editBytes(fromTicketBase64(ticket), fromTicketBase64(otherTicket), edits));
  }
  if (layer === 'json') {
    const [text, other] = [members, otherMembers].map((value) => Buffer.from(JSON.stringify(value)));
    return sealJson(editBytes(text as Buffer, other as Buffer, edits), level);
  }
  if (layer === 'members') return sealJson(editMembers(members, otherMembers, edits), level);
  if (layer === 'values') return sealJson(JSON.stringify(editValues(members, otherMembers, edits)), level);
  const [own, theirs] = [members, otherMembers].map((value) =>
    Buffer.from(value['TLS.userbuf'] ?? '', 'base64'),
  );
  const userbuf = editBytes(own as Buffer, theirs as Buffer, edits).toString('base64');
  return sealJson(JSON.stringify({ ...members, 'TLS.userbuf': userbuf }), level);
}

function editBytes(bytes: Buffer, donor: Buffer, edits: readonly Edit[]): Buffer {
  let result = bytes;
  for (const { how, at, byte } of edits) {
    const here = result.length === 0 ? 0 : at % result.length;
    const length = 1 + (byte % 8);
    const replace = (count: number, part: Uint8Array) =>
      Buffer.concat([result.subarray(0, here), part, result.subarray(here + count)]);
    if (how === 'set') result = replace(1, Buffer.from([byte]));
    if (how === 'flip') result = replace(1, Buffer.from([(result[here] ?? 0) ^ (1 << (byte % 8))]));
    if (how === 'insert') result = replace(0, Buffer.from([byte]));
    if (how === 'delete') result = replace(length, Buffer.alloc(0));
    if (how === 'take') result = replace(length * 4, donor.subarray(here, here + length * 4));
    if (how === 'double') result = replace(0, result.subarray(here, here + length * 4));
  }
  return result;
}

/** The JSON text of the members after the edits; as a list of pairs, so that a member can be there twice. */
function editMembers(members: PlainTicket, donor: PlainTicket, edits: readonly Edit[]): string {
  const pairs = Object.entries(members).map(
    ([name, value]) => [name, JSON.stringify(value)] as [string, string],
  );
  for (const { how, at, byte } of edits) {
    const index = pairs.length === 0 ? 0 : at % pairs.length;
    const [name, value] = pairs[index] ?? ['TLS.ver', '"2.0"'];
    const taken = JSON.stringify(donor[name as keyof PlainTicket] ?? '');
    if (how === 'set') pairs[index] = [name, otherValue(value, byte)];
    if (how === 'flip')
      pairs[index] = [
        name,
        editBytes(Buffer.from(value), Buffer.from(taken), [{ how, at, byte }]).toString('latin1'),
      ];
    if (how === 'insert') pairs.splice(index, 0, [pick(Object.keys(donor), byte), otherValue(value, byte)]);
    if (how === 'delete') pairs.splice(index, 1);
    if (how === 'take') pairs[index] = [name, taken];
    if (how === 'double') pairs.splice(byte % (pairs.length + 1), 0, [name, byte % 2 ? taken : value]);
  }
  return `{${pairs.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

const valueNames = [
  'TLS.identifier',
  'TLS.sdkappid',
  'TLS.time',
  'TLS.expire',
  'TLS.userbuf',
  'TLS.sig',
] as const;

/** Other values, each of good form: only the signature can tell. */
function editValues(members: PlainTicket, donor: PlainTicket, edits: readonly Edit[]): PlainTicket {
  const result = { ...members };
  for (const { how, at, byte } of edits) {
    const name = pick(valueNames, at);
    if (name === 'TLS.sdkappid' || name === 'TLS.time' || name === 'TLS.expire') {
      result[name] = how === 'take' ? donor[name] : Math.abs(result[name] + (how === 'flip' ? byte : -byte));
    } else if (name === 'TLS.identifier') {
      result[name] =
        how === 'take' ? donor[name] : how === 'flip' ? result[name].slice(1) : `${result[name]}${byte}`;
    } else if (how === 'take' || result[name] === undefined) {
      if (donor[name] !== undefined) result[name] = donor[name];
    } else {
      const bytes = Buffer.from(result[name], 'base64');
      const index = name === 'TLS.userbuf' ? 3 + (byte % (bytes.length - 3)) : byte % bytes.length;
      bytes[index] = how === 'set' ? byte : (bytes[index] ?? 0) ^ (1 << (at % 8));
      result[name] = bytes.toString('base64');
    }
  }
  return result;
}

/** Values near the old one, the same value written otherwise, and texts that are unsafe in a user id. */
function otherValue(value: string, choice: number): string {
  const inner = value.replace(/^"|"$/g, '');
  const endings = [
    '0',
    ' ',
    '=',
    '\\n',
    '\\u000a',
    '\\nTLS.time:1',
    '\\u0000',
    '\\0',
    '\\ud800',
    '\\udc00',
    '\\u0300',
  ];
  return pick(
    [
      ...[
        'null',
        'true',
        '[]',
        '{}',
        '""',
        '0',
        '1',
        '-1',
        '1e9',
        '"2.0"',
        `[${value}]`,
        `{"TLS.ver":${value}}`,
      ],
      ...[
        `${value}0`,
        `0${value}`,
        `${value}.0`,
        `-${value}`,
        `${value}e0`,
        `"${inner}"`,
        inner,
        ` ${value} `,
      ],
      ...endings.flatMap((ending) => [`"${inner}${ending}"`, `"${ending}${inner}"`]),
      ...[`"${inner.toUpperCase()}"`, `"\\u0061${inner.slice(1)}"`, `"${inner.slice(1)}"`],
      ...[value.replaceAll('/', '\\/'), value.replaceAll('\ufffd', '\\ud800'), value.replaceAll('=', '')],
    ],
    choice,
  );
}

function pick<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length] as Item;
}
