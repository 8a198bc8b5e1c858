import { expect, test } from 'vitest';
import { mutantsOf } from './mutant.ts';

test('a mutant is told with its code on one line', () => {
  const source = 'const a = 1;\n  const b = call(\n    a,\n  );\n';
  const mutants = mutantsOf({
    files: {
      'x.ts': {
        source,
        mutants: [
          {
            mutatorName: 'CallExpression',
            replacement: '{\n}',
            status: 'Survived',
            location: { start: { line: 2, column: 13 }, end: { line: 4, column: 4 } },
          },
          {
            mutatorName: 'NumericLiteral',
            replacement: '2',
            status: 'Killed',
            location: { start: { line: 1, column: 11 }, end: { line: 1, column: 12 } },
          },
        ],
      },
    },
  });
  expect(mutants).toEqual([
    {
      file: 'x.ts',
      line: 1,
      lineText: 'const a = 1;',
      mutator: 'NumericLiteral',
      original: '1',
      replacement: '2',
      status: 'Killed',
    },
    {
      file: 'x.ts',
      line: 2,
      lineText: 'const b = call(',
      mutator: 'CallExpression',
      original: 'call( a, )',
      replacement: '{ }',
      status: 'Survived',
    },
  ]);
});
