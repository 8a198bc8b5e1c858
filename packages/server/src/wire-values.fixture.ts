import * as fc from 'fast-check';
import type { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Values = fc.Arbitrary<unknown>;
type Fields = Readonly<Record<string, unknown>>;

/** How much likelier a value stays as an honest client sends it than it becomes any that the schema takes. */
const USUAL = 24;
/** Texts that mean something somewhere: to JavaScript, to a session description, to a decoder of UTF-8. */
const odd = ['', '0', '-1', '__proto__', 'constructor', 'a=b;c', 'x\r\na=y', '\0', '\u2028', '\ud800', '🦊'];
const fractions = [0.5, -0.5, 1 / 3, 40_000.5, 5e-324, -5e-324, 1.5e300, 2 ** 31 - 0.5];

/**
 * Values that a JSON schema takes, the edges often: the least, the most, the longest, nothing, fractions where they are allowed.
 * What JSON schemas cannot say is left to the caller to filter. Where `usual` is given, a value as an honest client sends it,
 * most of it stays as it is.
 */
export function valuesOf(schema: JsonSchema, usual?: unknown): Values {
  if (usual === undefined) return anyOf(schema);
  return fc.oneof({ weight: USUAL, arbitrary: near(schema, usual) }, { weight: 1, arbitrary: anyOf(schema) });
}

function near(schema: JsonSchema, usual: unknown): Values {
  if (Array.isArray(usual) && schema.items) {
    const items = schema.items as JsonSchema;
    return fc.tuple(...usual.map((item) => valuesOf(items, item)));
  }
  if (typeof usual === 'object' && usual !== null) {
    const { properties, additionalProperties } = schema;
    if (properties) return object(schema, usual as Fields);
    if (additionalProperties) return record(schema, usual as Fields);
  }
  return fc.constant(usual);
}

function anyOf(schema: JsonSchema): Values {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((option) => anyOf(option as JsonSchema)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case 'object':
      return schema.properties ? object(schema, {}) : record(schema, {});
    case 'array':
      return list(schema);
    case 'string':
      return text(schema);
    case 'integer':
      return whole(schema);
    case 'number':
      return fc.oneof(fc.constantFrom(...fractions), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    default:
      throw new Error(`no values are known for ${JSON.stringify(schema)}`);
  }
}

function object({ properties = {}, required = [] }: JsonSchema, usual: Fields): Values {
  const absent = fc.constant(undefined);
  const fields = Object.entries(properties).map(([key, value]) => {
    const values = valuesOf(value as JsonSchema, usual[key]);
    if (required.includes(key)) return [key, values] as const;
    const [there, away] = usual[key] === undefined ? [1, 9] : [USUAL, 1];
    return [
      key,
      fc.oneof({ weight: there, arbitrary: values }, { weight: away, arbitrary: absent }),
    ] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function record({ additionalProperties, propertyNames }: JsonSchema, usual: Fields): Values {
  const values = valuesOf(additionalProperties as JsonSchema);
  const names = text((propertyNames ?? {}) as JsonSchema) as fc.Arbitrary<string>;
  const own = Object.entries(usual).map(([key, value]) => [
    key,
    valuesOf(additionalProperties as JsonSchema, value),
  ]);
  const more = fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: fc.dictionary(names, values, { maxKeys: 4 }) },
    { weight: 1, arbitrary: fc.dictionary(names, values, { minKeys: 20, maxKeys: 32 }) },
  );
  return fc.tuple(fc.record(Object.fromEntries(own)), more).map(([mine, others]) => ({ ...others, ...mine }));
}

function list({ items, minItems = 0, maxItems = 8 }: JsonSchema): Values {
  const values = anyOf(items as JsonSchema);
  const few = fc.array(values, { minLength: minItems, maxLength: Math.min(maxItems, minItems + 2) });
  const most = values.map((value) => Array.from({ length: maxItems }, () => value));
  return fc.oneof({ weight: 4, arbitrary: few }, { weight: 1, arbitrary: most });
}

function text({ minLength = 0, maxLength = 64, pattern }: JsonSchema): Values {
  if (pattern !== undefined)
    return fc.stringMatching(new RegExp(pattern)).filter((value) => value.length <= maxLength);
  const short = fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, minLength + 12) });
  return fc
    .oneof(fc.constantFrom(...odd, 'x'.repeat(maxLength)), short)
    .filter(({ length }) => length >= minLength && length <= maxLength);
}

function whole({ minimum = -(2 ** 53) + 1, maximum = 2 ** 53 - 1 }: JsonSchema): Values {
  const edges = [minimum, maximum, 0, 1, -1, minimum + 1, maximum - 1];
  const inside = edges.filter((value) => value >= minimum && value <= maximum);
  return fc.oneof(fc.constantFrom(...inside), fc.integer({ min: minimum, max: maximum }));
}
