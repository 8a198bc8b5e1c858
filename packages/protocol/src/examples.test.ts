import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as protocol from './index.ts';

interface Example {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The examples in the docstrings of a file, each with the name of the function below it. */
function examplesIn(file: URL): Example[] {
  const docstrings = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:export (?:function|const) )?(\w+)/g;
  return [...readFileSync(file, 'utf8').matchAll(docstrings)].flatMap(([, text = '', name = '']) => {
    const [, block] = /@example\s+\* ```ts\n([\s\S]*?)```/.exec(text) ?? [];
    if (block === undefined) return [];
    const lines = block.split('\n').map((line) => line.replace(/^\s*\*\s?/, ''));
    return [{ name, lines: lines.filter((line) => line !== '') }];
  });
}

const folder = new URL('.', import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) => examplesIn(new URL(name, folder)));

test('every function that the package exports has an example', () => {
  const functions = Object.entries(protocol).filter(
    ([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)),
  );
  const missing = functions.filter(([name]) => !examples.some((example) => example.name === name));
  expect(missing.map(([name]) => name)).toEqual([]);
});

test.each(examples)('the example of $name gives what it says', ({ name, lines }) => {
  // A line is a preparation, or a value with what it is behind it.
  const body = lines.map((line) => line.replace(/^(.*); \/\/ (.*)$/, 'check($1, $2);')).join('\n');
  let checks = 0;
  const check = (value: unknown, said: unknown) => {
    checks += 1;
    expect(value).toEqual(said);
  };
  new Function('check', ...Object.keys(protocol), body)(check, ...Object.values(protocol));
  expect(checks).toBeGreaterThan(0);
  expect(body).toContain(name);
});
