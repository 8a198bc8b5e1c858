import { expect, test } from 'vitest';
import type { Mutant } from './mutant.ts';
import { type Equivalent, judge } from './verdict.ts';

const file = 'packages/server/src/access/operands.ts';
const killed: Mutant = {
  file,
  line: 3,
  lineText: 'if (a) return b;',
  mutator: 'ConditionalExpression',
  original: 'a',
  replacement: 'true',
  status: 'Killed',
};
const survived: Mutant = { ...killed, replacement: 'false', status: 'Survived' };
const entry: Equivalent = {
  file,
  mutator: survived.mutator,
  original: 'a',
  replacement: 'false',
  reason: 'a is always false',
};

test('who is killed or has timed out counts, who survived or met no test does not', () => {
  const verdict = judge(
    [
      killed,
      { ...killed, status: 'Timeout' },
      survived,
      { ...killed, status: 'NoCoverage' },
      { ...killed, status: 'RuntimeError' },
    ],
    [],
  );
  expect(verdict).toMatchObject({ killed: 1, timedOut: 1, score: 40, explained: 0, faults: [] });
  expect(verdict.survivors.map(({ status }) => status)).toEqual(['Survived', 'NoCoverage', 'RuntimeError']);
});

test('a survivor that is explained is left out of the score', () => {
  expect(judge([killed, survived], [entry])).toMatchObject({
    score: 100,
    explained: 1,
    survivors: [],
    faults: [],
  });
});

test('the score is rounded down', () => {
  expect(judge([killed, killed, survived], []).score).toBe(66.66);
});

test('an entry without a mutant is a fault', () => {
  const [fault] = judge([killed], [entry]).faults;
  expect(fault).toBe(`${file}: ConditionalExpression: a → false: there is no such mutant any more`);
});

test('an entry whose mutant is killed is a fault', () => {
  const { faults, score } = judge(
    [{ ...survived, status: 'Killed' }, survived],
    [{ ...entry, replacement: 'false', line: 'if (a) return b;' }],
  );
  expect(faults).toHaveLength(1);
  expect(score).toBe(50);
  expect(judge([{ ...survived, status: 'Killed' }], [entry]).faults[0]).toContain('a test notices it');
});

test('an entry that fits two mutants has to name its line', () => {
  const other = { ...survived, line: 9, lineText: 'while (a) run();' };
  expect(judge([survived, other], [entry]).faults[0]).toContain('name its line');
  const named = judge([survived, other], [{ ...entry, line: other.lineText }]);
  expect(named).toMatchObject({ faults: [], survivors: [survived] });
});

test('an entry that is there twice is a fault', () => {
  expect(judge([survived], [entry, entry]).faults[0]).toContain('explained twice');
});
