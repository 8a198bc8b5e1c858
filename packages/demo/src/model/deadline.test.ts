import { expect, test } from 'vitest';
import { deadlineWords } from './deadline.ts';

const clock = (at: Date) => at.toISOString().slice(11, 19);

test.each([
  ['expires', /^It is good until 22:13:20\. /],
  ['required', /At 22:13:20 you are out\.$/],
] as const)('a ticket that %s says until when', (why, sentence) => {
  const [title, words] = deadlineWords({ why, at: 1_700_000_000 }, clock);
  expect(title).toMatch(/^[A-Z].*[a-z]$/);
  expect(words).toMatch(sentence);
});
