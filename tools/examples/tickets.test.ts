import * as tickets from '@roomkey/tickets';
import { expect, test } from 'vitest';
import { examplesIn, functionsOf, runExample } from './examples.ts';

const examples = examplesIn('tickets/src', 'tickets/src/permissions');

test('every function that the package exports has an example', () => {
  const names = [
    ...functionsOf(tickets),
    ...Object.getOwnPropertyNames(tickets.TicketIssuer.prototype),
  ].filter((name) => name !== 'constructor');
  expect(names.filter((name) => !examples.some((example) => example.name === name))).toEqual([]);
});

test.each(examples)('the example of $name gives what it says', (example) => {
  let checks = 0;
  const body = runExample(example, tickets, (value, said) => {
    checks += 1;
    expect(value).toEqual(said);
  });
  expect(checks).toBeGreaterThan(0);
  expect(body).toContain(example.name);
});
