import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { TrustedProxies } from '../client-address.ts';

/** What a setting's text means; the error texts finish the sentence "ROOMKEY_X …". */
type Reader<T> = z.ZodType<T, string>;

function reader<T>(
  read: (text: string) => T | undefined,
  problem: string,
  bare = (text: string) => text.trim(),
): Reader<T> {
  return z.string().transform((text, check) => {
    const value = read(bare(text));
    if (value !== undefined) return value;
    check.issues.push({ code: 'custom', message: problem, input: text });
    return z.NEVER;
  });
}

/** A secret as every command takes it too: one line end behind it does not count, blanks do. */
const secretReader = <T>(read: (text: string) => T | undefined, problem: string): Reader<T> =>
  reader(read, problem, (text) => text.replace(/\r?\n$/, ''));

/** A whole number within bounds. */
export const wholeNumber = (least: number, most: number): Reader<number> =>
  reader((text) => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= least && value <= most ? value : undefined;
  }, `must be a whole number from ${least} to ${most}`);

/** A price: a number that is not below 0, with or without a fraction. */
export const price: Reader<number> = reader(
  (text) => (/^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined),
  'must be a number like 3.99, at least 0, with at most six digits behind the point',
);

/** One of a few words. */
export const oneOf = <const W extends string>(...words: readonly W[]): Reader<W> =>
  reader((text) => words.find((word) => word === text), `must be one of ${words.join(', ')}`);

/** `on` or `off`. */
export const onOff: Reader<boolean> = reader(
  (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
  'must be on or off',
);

/**
 * Any text without control characters, for paths; the result is absolute. Quotes around it and a `~` before it are refused: only a
 * shell reads them, and files of variables (`docker --env-file`, systemd) go through none. `./~x` means a file of that name.
 */
export const filePath: Reader<string> = reader(
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  (text) => (/^(?!~)(?!["'])[^\x00-\x1f\x7f]+(?<!["'])$/.test(text) ? path.resolve(text) : undefined),
  'must be a path, without quotes around it and without ~ before it, which only a shell reads',
);

/** An IPv4 or IPv6 address. */
export const ipAddress: Reader<string> = reader(
  (text) => (isIP(text) ? text : undefined),
  'must be an IPv4 or IPv6 address',
);

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
// Digits and dots only is a mistyped address, not a name.
const isHostName = (text: string): boolean => HOST_NAME.test(text) && !/^[\d.]+$/.test(text);

/** An address or a host name. */
export const hostOrAddress: Reader<string> = reader(
  (text) => (isIP(text) || isHostName(text) ? text : undefined),
  'must be an IP address or a host name, without a scheme and a port',
);

/** The origin of a web address: scheme, host and port. */
export const origin: Reader<string> = reader((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bare = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  return bare && url.pathname === '/' && !url.search && !url.hash ? url.origin : undefined;
}, 'must be like https://rooms.example.com, without a path, a user and a query');

/** 32 bytes, as 64 hexadecimal digits or as base64. */
export const key32: Reader<Uint8Array> = secretReader((text) => {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : undefined;
  return bytes?.length === 32 ? new Uint8Array(bytes) : undefined;
}, 'must be 32 bytes, as 64 hexadecimal digits or as base64, without blanks around it (openssl rand -hex 32 makes one)');

/** A secret text that can stand in a header. */
export const bearerToken: Reader<string> = secretReader(
  (text) => (/^[A-Za-z0-9._~+/=-]{16,256}$/.test(text) ? text : undefined),
  'must be 16 to 256 letters, digits and ._~+/=-, without blanks around it',
);

/** Addresses and networks, separated by commas; or `none`. */
export const networks: Reader<string> = reader((text) => {
  const entries = text === 'none' ? [] : text.split(',').map((entry) => entry.trim());
  try {
    new TrustedProxies(entries);
    return entries.join(',');
  } catch {
    return undefined;
  }
}, 'must be addresses and networks like 10.0.0.0/8, separated by commas, or none');
