import { expect, test } from 'vitest';
import { formatSummary, summarize, type TestReport } from './test-summary.ts';

const clean: TestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] }],
};

test('a clean run is what it says', () => {
  expect(summarize(clean, 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
});

test('skipped and to-do tests are skipped', () => {
  expect(summarize({ ...clean, numPendingTests: 1, numTodoTests: 1 }, 0).skipped).toBe(2);
});

test('a file that fails without a failed test counts as one', () => {
  const broken = { name: 'b.test.ts', status: 'failed', assertionResults: [] };
  const failed = { name: 'c.test.ts', status: 'failed', assertionResults: [{ status: 'failed' }] };
  const report = { ...clean, numFailedTests: 1, testResults: [...clean.testResults, broken, failed] };
  expect(summarize(report, 1).failed).toBe(2);
});

test('an error outside of every test counts as one', () => {
  expect(summarize(clean, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('a run without a test, or without a report, fails', () => {
  expect(summarize({ ...clean, numPassedTests: 0 }, 0).failed).toBe(1);
  expect(summarize(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the line names skipped tests only when there are some', () => {
  expect(formatSummary({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(formatSummary({ passed: 12, failed: 2, skipped: 1 })).toBe('12 passed, 2 failed, 1 skipped');
});
