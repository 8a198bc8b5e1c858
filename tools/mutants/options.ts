import { parseArgs } from 'node:util';
import { type Folder, folders } from './folders.ts';
import { target } from './page.ts';

/** What `npm run mutants` was asked for. */
export interface Options {
  readonly folders: readonly Folder[];
  readonly force: boolean;
  readonly json: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

export const help = `Changes the code of permissions, access and enforcement, one thing at a time, and looks whether a unit test notices.

Usage: npm run mutants -- [options]

  --folder NAME  only this folder, may be given more than once:
                 ${folders.map(({ name }) => name).join(', ')}
  --force        try every mutant again. Without it, only those whose code or tests have changed are tried;
                 what other files have changed, fixtures for example, is not noticed
  --json         print one JSON object: the lowest score of the folders, and the numbers of each
  --write        renew the tables in docs/proof.md; needs all folders
  --help         this text

The score of a folder is the share of its mutants that a test notices, or that time out, in percent; those that
tools/mutants/equivalents.ts explains do not count. All of it takes long the first time, later runs only what has
changed. StrykerJS comes from npm, once, into the cache. Results are kept in .build/mutants.

Exit codes: 0 every folder reaches ${target} percent, 1 one does not, or equivalents.ts is wrong, or something is missing,
2 wrong usage, 130 and 143 interrupted.`;

/** Reads the arguments. @throws Error that says what is wrong with them */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      folder: { type: 'string', multiple: true },
      force: flag,
      json: flag,
      write: flag,
      help: flag,
    },
  });
  const { folder: asked, ...others } = values;
  const unknown = asked?.find((name) => !folders.some((folder) => folder.name === name));
  if (unknown !== undefined) throw new Error(`there is no folder ${unknown}`);
  if (others.write && asked) throw new Error('--write needs all folders');
  return { ...others, folders: folders.filter(({ name }) => asked?.includes(name) ?? true) };
}
