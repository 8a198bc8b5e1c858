import * as server from '@roomkey/server';
import * as admin from '@roomkey/server/admin';
import * as config from '@roomkey/server/config';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { type Example, examplesIn, functionsOf, runExample } from './examples.ts';

const examples = examplesIn('server/src', 'server/src/admin', 'server/src/config', 'server/src/store');

/** What starts a service, or reads or writes files, is only read here. */
const isRun = ({ lines }: Example): boolean => lines.some((line) => line.includes('; // '));

test('every function for apps that the package exports has an example, and so has the start of a server', () => {
  const names = [...functionsOf(server), ...functionsOf(admin), ...functionsOf(config), 'start'];
  expect(names.filter((name) => !examples.some((example) => example.name === name))).toEqual([]);
});

test.each(examples.filter(isRun))('the example of $name gives what it says', (example) => {
  const body = runExample(example, config, (value, said) => expect(value).toEqual(said));
  expect(body).toContain(`${example.name}(`);
});

test.each(examples.filter((example) => !isRun(example)))(
  'the example of $name calls it and can be parsed',
  ({ name, lines }) => {
    const code = lines.join('\n');
    expect(code).toContain(`${name}(`);
    expect(() => transformSync(code, { loader: 'ts', format: 'esm', target: 'es2022' })).not.toThrow();
  },
);
