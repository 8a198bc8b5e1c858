import { InvalidArgumentError } from 'commander';

/** A whole number on the command line; what it may be is judged by the server. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A duration like `90s`, `30m`, `2h` or `7d`, in seconds. */
export function duration(text: string): number {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('It must be a time like 90s, 30m, 2h or 7d.');
  return Number(digits) * units[unit as keyof typeof units];
}

/** A point in time, as ISO 8601 with its zone or as unix seconds; in unix seconds. */
export function pointInTime(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const withZone = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text);
  const milliseconds = withZone ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new InvalidArgumentError('It must be unix seconds, or a time like 2026-01-31T12:00:00Z.');
  return Math.floor(milliseconds / 1000);
}

/** A point in time, or how long ago it was, like `2h`; in unix seconds. */
export const timeOrAgo = (text: string): number =>
  /^\d+[smhd]$/.test(text) ? Math.floor(Date.now() / 1000) - duration(text) : pointInTime(text);

/** Names with commas between. */
export const names = (text: string): string[] => text.split(',').map((name) => name.trim());

/** A version, or those of users by name: `3`, or `ana=3,bob=0`. */
export function versions(text: string): number | [userId: string, version: number][] {
  if (!text.includes('=')) return wholeNumber(text);
  const pairs = names(text).map((pair) => /^(.*?)=(.*)$/.exec(pair) ?? []);
  return pairs.map(([, name = '', version = '']) => [name, wholeNumber(version)]);
}

/** A day (UTC) like `2026-01-31`, or how many days ago it was, like `7d`; as `2026-01-31`. */
export function day(text: string): string {
  const [, ago] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (ago !== undefined) return dayText(Date.now() - Number(ago) * 86_400_000);
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // The 30th of February is read as a day of March.
  if (Number.isNaN(at) || dayText(at) !== text)
    throw new InvalidArgumentError('It must be a day like 2026-01-31, or how many days ago, like 7d.');
  return text;
}

/** The day (UTC) of a time in unix milliseconds. */
const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
