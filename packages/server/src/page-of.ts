import type { Page } from './ports/index.ts';

/** A page of things by their keys, in the order of the keys, and the `next` page's `after` where there is one. */
export function pageOf<T>(
  all: Iterable<readonly [string, T]>,
  { after = '', limit }: Page,
): { readonly rows: T[]; readonly next: { readonly next?: string } } {
  const behind = [...all].filter(([key]) => key > after).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = behind.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(([, row]) => row),
    next: behind.length > limit && last ? { next: last[0] } : {},
  };
}
