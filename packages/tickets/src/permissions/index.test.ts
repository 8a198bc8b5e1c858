import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the permissions door is safe in a browser: it imports nothing from outside its folder', () => {
  const folder = new URL('.', import.meta.url);
  const sources = readdirSync(folder).filter((name) => !name.endsWith('.test.ts'));
  const imports = sources.flatMap((name) => [
    ...readFileSync(new URL(name, folder), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g),
  ]);
  expect(imports.length).toBeGreaterThan(sources.length);
  expect(imports.map(([, target]) => target).filter((target) => !target?.startsWith('./'))).toEqual([]);
});
