/** The part of Vitest's JSON report that the summary is made from. */
export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
}

/** What a test run came to. */
export interface TestSummary {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts a run. A file that failed without a failed test (it did not load, or a hook failed) is one failure; so is a run that
 * ended with an error nobody counted, or in which no test ran.
 * @param report undefined when Vitest ended without one.
 * @param exitCode Vitest's.
 */
export function summarize(report: TestReport | undefined, exitCode: number): TestSummary {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles;
  const uncounted = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + uncounted, skipped: report.numPendingTests + report.numTodoTests };
}

/** `12 passed, 0 failed`, and `, 1 skipped` when there are such. */
export function formatSummary({ passed, failed, skipped }: TestSummary): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}
