import { expect, test } from 'vitest';
import { SetupError } from './setup-error.ts';
import { applyEdit } from './source-edit.ts';

const edit = { file: 'a.txt', find: 'old()', replace: 'new($&)' };

test('the one occurrence is replaced, literally', () => {
  expect(applyEdit('x old() y', edit)).toBe('x new($&) y');
});

test.each([
  ['no occurrence', 'x y', '0 times'],
  ['two occurrences', 'old() old()', '2 times'],
])('%s is refused and names the file', (_, text, count) => {
  expect(() => applyEdit(text, edit)).toThrow(SetupError);
  expect(() => applyEdit(text, edit)).toThrow(`a.txt has "old()" ${count}`);
});
