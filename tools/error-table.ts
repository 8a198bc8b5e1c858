import { type ErrorRow, errors } from '@roomkey/protocol';

const heading = [
  '| name | what it says | retry | web `code` | `extraCode` | native | ILVB | cloud API | HTTP |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

const cell = (text: string): string => text.replaceAll('|', '\\|');

const line = ([name, row]: [string, ErrorRow]): string => {
  const { says, retry, web, extraCode, native, ilvb, api, http } = row;
  const cells = [`\`${name}\``, cell(says), retry ? 'yes' : 'no', web, extraCode, native, ilvb, api, http];
  return `| ${cells.join(' | ')} |`;
};

/** The table of `docs/errors.md`: every refusal there is, in the order of a call. */
export const errorTable = (): string => [...heading, ...Object.entries(errors).map(line)].join('\n');

/** The page with its table replaced by the one that holds now. */
export function withErrorTable(page: string): string {
  const from = page.indexOf('\n| name | what it says |');
  if (from === -1) throw new Error('docs/errors.md has no table that begins with "| name | what it says |"');
  const end = page.indexOf('\n\n', from + 1);
  return `${page.slice(0, from)}\n${errorTable()}${end === -1 ? '\n' : page.slice(end)}`;
}
