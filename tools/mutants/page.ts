import type { Verdict } from './verdict.ts';

/** What became of the mutants of each folder, by the folder's name. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** Lowest score that a folder may have, in percent. */
export const target = 90;

const begin = '<!-- printed by `npm run mutants -- --write` -->\n';
const end = '<!-- end of what `npm run mutants` prints -->\n';

/** The tables of the page: the score of each folder, and the survivors. */
export function tables(verdicts: Verdicts): string {
  const rows = [...verdicts].map(([name, { killed, timedOut, survivors, explained, score }]) => {
    const all = killed + timedOut + survivors.length + explained;
    return `| \`${name}\` | ${[all, killed, timedOut, explained, survivors.length, score.toFixed(2)].join(' | ')} |`;
  });
  const survivors = [...verdicts.values()].flatMap((verdict) => verdict.survivors);
  const told = survivors.map(
    ({ file, original, replacement }) => `| \`${file}\` | ${code(original)} | ${code(replacement)} |`,
  );
  return [
    '| folder | mutants | killed | timed out | explained | survived | score in percent |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    ...(told.length === 0
      ? ['No mutant survived.']
      : ['| survivor in | instead of | stands |', '| --- | --- | --- |']),
    ...told,
    '',
  ].join('\n');
}

/**
 * A page with the tables of `verdicts` in its part for them.
 *
 * @throws Error when the page has no such part
 */
export function renewed(page: string, verdicts: Verdicts): string {
  const [before, rest] = page.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error('the page has no part for the mutants');
  return `${before}${begin}\n${tables(verdicts)}\n${end}${after}`;
}

/** Code in one cell of a table; long code is cut. */
function code(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 99)}…` : text;
  const fence = short.includes('`') ? '``' : '`';
  const pad = fence.length > 1 ? ' ' : '';
  return `${fence}${pad}${(short === '' ? ' ' : short).replaceAll('|', '\\|')}${pad}${fence}`;
}
