import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findMediasoup } from './mediasoup-package.ts';
import { edits } from './recipe.ts';
import { applyEdit } from './source-edit.ts';

test.each(edits)('the installed worker source has "$find" in $file once', (edit) => {
  const { workerSource } = findMediasoup();
  const text = readFileSync(path.join(workerSource, edit.file), 'utf8');
  expect(applyEdit(text, edit)).toContain(edit.replace);
});
