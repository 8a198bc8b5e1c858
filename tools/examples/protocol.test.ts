import * as protocol from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { examplesIn, functionsOf, runExample } from './examples.ts';

const examples = examplesIn('protocol/src');

test('every function that the package exports has an example', () => {
  const names = functionsOf(protocol);
  expect(names.filter((name) => !examples.some((example) => example.name === name))).toEqual([]);
});

test.each(examples)('the example of $name gives what it says', (example) => {
  let checks = 0;
  const body = runExample(example, protocol, (value, said) => {
    checks += 1;
    expect(value).toEqual(said);
  });
  expect(checks).toBeGreaterThan(0);
  expect(body).toContain(example.name);
});
