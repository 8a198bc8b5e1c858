import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errors } from './errors.ts';
import { notices } from './notices.ts';
import { requests } from './requests.ts';
import { dtlsParameters, iceParameters, rtpCapabilities, rtpParameters } from './rtp.ts';
import { actor, explanation, member, track } from './shapes.ts';

/*
 * docs/protocol.md against the schemas. A chapter is a heading like "### `enter` (request)"; in it, a table whose
 * first column is called parameter, answer or field lists every field by its path: `a.b` in an object, `a[].b` in a list.
 */

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** Schemas that have a chapter of their own, which the tables of others refer to. */
const objects: Record<string, z.core.$ZodType> = {
  rtpCapabilities,
  rtpParameters,
  dtlsParameters,
  iceParameters,
  member,
  track,
  actor,
  explanation,
  operand: explanation.shape.operands.shape.held,
};

/** One field: what the documentation has to say of it. */
interface Field {
  /** `yes`, `no`, or the default as JSON. */
  readonly given: string;
  /** Texts that the type cell has to contain. */
  readonly type: readonly string[];
}

type Fields = Record<string, Field>;
/** Chapter → column → fields. */
type Chapters = Record<string, Record<string, Fields>>;

function unwrap(schema: z.core.$ZodType): { inner: z.core.$ZodType; given: string } {
  let given = 'yes';
  let inner = schema as z.core.$ZodTypes;
  for (;;) {
    const { def } = inner._zod;
    if (def.type === 'optional') given = 'no';
    else if (def.type === 'default') given = JSON.stringify(def.defaultValue);
    else if (def.type !== 'readonly') return { inner, given };
    inner = def.innerType as z.core.$ZodTypes;
  }
}

const nameOfObject = (schema: z.core.$ZodType): string | undefined =>
  Object.keys(objects).find((name) => objects[name] === schema);

function typeTexts(schema: z.core.$ZodType): string[] {
  const { inner } = unwrap(schema);
  const { def } = inner._zod as z.core.$ZodTypes['_zod'];
  const object = nameOfObject(inner);
  if (object) return [`[${object}](#${object.toLowerCase()}-object)`];
  if (def.type === 'enum') return Object.values(def.entries).map((value) => `\`${value}\``);
  if (def.type === 'literal') return def.values.map((value) => `\`${value}\``);
  if (def.type === 'union') return def.options.flatMap(typeTexts);
  if (def.type === 'record') return ['object', ...typeTexts(def.keyType), ...typeTexts(def.valueType)];
  const { maxLength, minimum, maximum, maxItems, minItems } = z.toJSONSchema(inner as z.ZodType);
  const texts = [minimum, maximum, maxLength, minItems, maxItems]
    .filter((bound) => bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER)
    .map(String);
  const names: Record<string, string> = { boolean: 'boolean', array: 'list', object: 'object' };
  return [...texts, names[def.type] ?? ''];
}

function fieldsOf(schema: z.core.$ZodType, path = ''): Fields {
  const { inner } = unwrap(schema);
  const { def } = inner._zod as z.core.$ZodTypes['_zod'];
  if (path !== '' && nameOfObject(inner)) return {};
  if (def.type === 'array') return fieldsOf(def.element, `${path}[]`);
  if (def.type !== 'object') return {};
  const fields: Fields = {};
  for (const [key, value] of Object.entries(def.shape)) {
    const at = path === '' ? key : `${path}.${key}`;
    const { inner: kind, given } = unwrap(value);
    const isPlainObject = kind._zod.def.type === 'object' && !nameOfObject(kind);
    // An object that is always there is its fields.
    if (!(isPlainObject && given === 'yes')) fields[at] = { given, type: typeTexts(value) };
    Object.assign(fields, fieldsOf(value, at));
  }
  return fields;
}

function declared(): Chapters {
  const chapters: Chapters = {};
  const add = (name: string, column: string, schema: z.core.$ZodType) => {
    chapters[name] = { ...chapters[name], [column]: fieldsOf(schema) };
  };
  for (const [name, { params, result }] of Object.entries(requests)) {
    add(`${name} (request)`, 'parameter', params);
    add(`${name} (request)`, 'answer', result);
  }
  for (const [name, schema] of Object.entries(notices)) add(`${name} (notice)`, 'field', schema);
  for (const [name, schema] of Object.entries(objects)) add(`${name} (object)`, 'field', schema);
  return chapters;
}

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

const unquoted = (cell = ''): string => cell.replace(/^`(.*)`$/, '$1');

function documented(): Chapters {
  const chapters: Chapters = {};
  let chapter: string | undefined;
  let column = '';
  for (const line of page.split('\n')) {
    const [, level = '', title = ''] = /^(#+) (.*)$/.exec(line) ?? [];
    if (level) chapter = level === '###' && title.startsWith('`') ? title.replaceAll('`', '') : undefined;
    if (level && chapter) chapters[chapter] = {};
    if (!line.startsWith('|')) column = '';
    if (!chapter || !line.startsWith('|') || line.startsWith('| ---')) continue;
    const [first = '', type = '', given = ''] = cellsOf(line);
    const tables = chapters[chapter] ?? {};
    if (column)
      tables[column] = { ...tables[column], [unquoted(first)]: { given: unquoted(given), type: [type] } };
    else column = ['parameter', 'answer', 'field'].includes(first) ? first : '';
    if (column) tables[column] ??= {};
  }
  return chapters;
}

const inSchemas = declared();
const inPage = documented();

test('docs/protocol.md has a chapter for every request, notice and object, and no others', () => {
  expect(Object.keys(inPage).sort()).toEqual(Object.keys(inSchemas).sort());
});

describe.each(Object.keys(inSchemas))('%s', (chapter) => {
  const expected = inSchemas[chapter] ?? {};

  test('names every field and no unknown one', () => {
    const filled = Object.entries(expected).filter(([, fields]) => Object.keys(fields).length > 0);
    const columns = Object.entries(inPage[chapter] ?? {});
    const names = (tables: [string, Fields][]) =>
      Object.fromEntries(tables.map(([column, fields]) => [column, Object.keys(fields).sort()]));
    expect(names(columns)).toEqual(names(filled));
  });

  test('says of every field whether it is given, its default, its bounds and its values', () => {
    for (const [column, fields] of Object.entries(expected)) {
      for (const [name, { given, type }] of Object.entries(fields)) {
        const row = inPage[chapter]?.[column]?.[name];
        expect(row?.given, `${column} ${name}`).toBe(given);
        for (const text of type) expect(row?.type[0], `${column} ${name}`).toContain(text);
      }
    }
  });
});

test('every refusal that docs/protocol.md names is in the error table', () => {
  const lists = page
    .split(/\n\n+/)
    .filter((paragraph) => /Refusals[:,]|^\| server and application/m.test(paragraph));
  const named = lists.flatMap((list) =>
    [...list.slice(list.indexOf('Refusals') + 1).matchAll(/`([a-z]+[A-Z]\w+)`/g)].map(
      ([, name = '']) => name,
    ),
  );
  const unknown = named.filter((name) => !Object.hasOwn(errors, name));
  expect(named.length).toBeGreaterThan(50);
  expect(unknown).toEqual([]);
});

test('every refusal that a client can meet on the wire is named in docs/protocol.md', () => {
  const elsewhere = [
    'connectionLost',
    'applicationExists',
    'keyUnknown',
    'roomUnknown',
    'banUnknown',
    'versionConflict',
    'settingInvalid',
  ];
  const missing = Object.keys(errors).filter(
    (name) => !page.includes(`\`${name}\``) && !elsewhere.includes(name),
  );
  expect(missing).toEqual([]);
});

test('every link inside docs/protocol.md leads somewhere', () => {
  const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
});
