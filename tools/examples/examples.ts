import { readdirSync, readFileSync } from 'node:fs';

/** The example in the docstring of something that a package exports. */
export interface Example {
  /** The function or method below the docstring. */
  readonly name: string;
  readonly lines: readonly string[];
}

const DOCSTRING =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n\s*(?:export )?(?:static )?(?:async )?(?:function |const )?(\w+)/g;

/** The examples in the sources of these folders; not in the folders below them. */
export function examplesIn(...folders: readonly string[]): Example[] {
  return folders.flatMap((folder) => {
    const base = new URL(`../../packages/${folder}/`, import.meta.url);
    const files = readdirSync(base).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    return files.flatMap((file) => examplesOf(readFileSync(new URL(file, base), 'utf8')));
  });
}

function examplesOf(source: string): Example[] {
  return [...source.matchAll(DOCSTRING)].flatMap(([, text = '', name = '']) => {
    const [, block] = /@example\s+\* ```ts\n([\s\S]*?)```/.exec(text) ?? [];
    if (block === undefined) return [];
    const lines = block.split('\n').map((line) => line.replace(/^\s*\*\s?/, ''));
    return [{ name, lines: lines.filter((line) => line !== '') }];
  });
}

/** The names of the functions, and not of the classes, that a module exports. */
export const functionsOf = (exported: object): string[] =>
  Object.entries(exported)
    .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)))
    .map(([name]) => name);

/**
 * Runs an example with what its package exports. A line is a preparation, or a value with what it is behind it; `check` is called with
 * both. Returns what was run.
 */
export function runExample(
  { lines }: Example,
  exported: object,
  check: (value: unknown, said: unknown) => void,
): string {
  const body = lines.map((line) => line.replace(/^(.*); \/\/ (.*)$/, 'check($1, $2);')).join('\n');
  new Function('check', ...Object.keys(exported), body)(check, ...Object.values(exported));
  return body;
}
