import { readFileSync } from 'node:fs';
import { errors } from '@roomkey/protocol';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { ERROR_CODE, localErrors } from './errors/table.ts';
import { TRTC } from './index.ts';

const page = readFileSync(new URL('../../../docs/sdk.md', import.meta.url), 'utf8');
const named = (name: string) => page.includes(`\`${name}\``) || page.includes(`\`${name}(`);

test('the reference page names every method', () => {
  const isCall = (name: string) => name !== 'constructor';
  const methods = Object.getOwnPropertyNames(TRTC.prototype).filter(isCall);
  const statics = Object.getOwnPropertyNames(TRTC).filter((name) => /^[a-z]/.test(name));
  const missing = [
    ...methods.filter((name) => !named(name)),
    ...statics.filter((name) => !['length', 'name', 'prototype'].includes(name) && !named(`TRTC.${name}`)),
  ];
  expect(missing).toEqual([]);
});

test('every method has an example that calls it and can be parsed', () => {
  const source = readFileSync(new URL('trtc.ts', import.meta.url), 'utf8');
  const isCall = (name: string) =>
    !['constructor', 'permissions', 'length', 'name', 'prototype'].includes(name);
  const statics = Object.getOwnPropertyNames(TRTC).filter((name) => /^[a-z]/.test(name));
  for (const name of [...Object.getOwnPropertyNames(TRTC.prototype), ...statics].filter(isCall)) {
    const docstring = new RegExp(
      `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n  (?:static (?:async )?)?${name}[(<]`,
    ).exec(source)?.[1];
    const [, example = ''] = /@example\n\s*\* ```ts\n([\s\S]*?)```/.exec(docstring ?? '') ?? [];
    const code = example.replace(/^\s*\* ?/gm, '');
    expect(code, name).toContain(`.${name}(`);
    expect(() => transformSync(code, { loader: 'ts', format: 'esm', target: 'es2022' }), name).not.toThrow();
  }
});

test('the reference page names every event', () => {
  expect(Object.keys(TRTC.EVENT).filter((name) => !named(name))).toEqual([]);
});

test('the reference page names every cause of this side, with its numbers', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const missing = Object.keys(localErrors).filter(
    (cause) => !rows.some((row) => row.includes(`\`${cause}\``)),
  );
  expect(missing).toEqual([]);
  for (const { web } of Object.values(localErrors)) expect(page).toContain(String(web));
});

test('no cause of this side has the name of a refusal of the server', () => {
  expect(Object.keys(localErrors).filter((cause) => Object.hasOwn(errors, cause))).toEqual([]);
});

test('every code is one of the vendor’s', () => {
  const codes: readonly number[] = Object.values(ERROR_CODE);
  expect(Object.values(localErrors).filter(({ web }) => !codes.includes(web))).toEqual([]);
});
