import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as tickets from './index.ts';

interface Example {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The examples in the docstrings of a file, each with the name of the function below it. */
function examplesIn(file: URL): Example[] {
  const docstrings = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n\s*(?:export (?:function|const) )?(\w+)/g;
  return [...readFileSync(file, 'utf8').matchAll(docstrings)].flatMap(([, text = '', name = '']) => {
    const [, block] = /@example\s+\* ```ts\n([\s\S]*?)```/.exec(text) ?? [];
    if (block === undefined) return [];
    const lines = block.split('\n').map((line) => line.replace(/^\s*\*\s?/, ''));
    return [{ name, lines: lines.filter((line) => line !== '') }];
  });
}

const examples = ['./', './permissions/'].flatMap((folder) => {
  const base = new URL(folder, import.meta.url);
  const files = readdirSync(base).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return files.flatMap((file) => examplesIn(new URL(file, base)));
});

test('every function that the package exports has an example', () => {
  const isClass = (value: unknown) => /^class\b/.test(String(value));
  const functions = Object.entries(tickets).filter(
    ([, value]) => typeof value === 'function' && !isClass(value),
  );
  const methods = Object.getOwnPropertyNames(tickets.TicketIssuer.prototype).filter(
    (name) => name !== 'constructor',
  );
  const names = [...functions.map(([name]) => name), ...methods];
  expect(names.filter((name) => !examples.some((example) => example.name === name))).toEqual([]);
});

test.each(examples)('the example of $name gives what it says', ({ name, lines }) => {
  // A line is a preparation, or a value with what it is behind it.
  const body = lines.map((line) => line.replace(/^(.*); \/\/ (.*)$/, 'check($1, $2);')).join('\n');
  let checks = 0;
  const check = (value: unknown, said: unknown) => {
    checks += 1;
    expect(value).toEqual(said);
  };
  new Function('check', ...Object.keys(tickets), body)(check, ...Object.values(tickets));
  expect(checks).toBeGreaterThan(0);
  expect(body).toContain(name);
});
