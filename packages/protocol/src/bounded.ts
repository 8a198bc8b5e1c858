import * as z from 'zod';

/*
 * What strangers send is read up to its first fault, and what is too large before anything in it: a message of 128 KB can hold
 * 14,000 faults, and to describe each of them takes more time than anybody's turn has.
 */

/** Internal to zod, where `validate` alone sets it; the tests see whether it still does what it says. */
const upToFirstFault = { abortEarly: true } as z.core.ParseContext<z.core.$ZodIssue>;

/**
 * Reads a value by a schema, up to the first fault in it. Lists are measured before their elements are looked at.
 *
 * @example
 * ```ts
 * readBounded(requests.setMuted.params, { trackId: 't1', muted: true }).data; // { trackId: 't1', muted: true }
 * readBounded(requests.setMuted.params, {}).success; // false
 * ```
 */
export const readBounded = <S extends z.ZodType>(
  schema: S,
  value: unknown,
): z.ZodSafeParseResult<z.output<S>> =>
  schema.safeParse(value, upToFirstFault) as z.ZodSafeParseResult<z.output<S>>;

/** An object of at most `most` entries with names of the sender's choice, counted before any of them is looked at. */
export function boundedRecord<K extends z.ZodString, V extends z.ZodType>(
  names: K,
  values: V,
  most: number,
): z.ZodRecord<K, V> {
  const schema = z.record(names, values);
  const { parse } = schema._zod;
  const bounded: typeof parse = (payload, context) => {
    const { value } = payload;
    if (!isObject(value) || Object.keys(value).length <= most) return parse(payload, context);
    const message = `Too many: at most ${most} are taken`;
    payload.issues.push({ code: 'custom', message, input: value, inst: schema });
    return payload;
  };
  schema._zod.parse = bounded;
  schema._zod.run = bounded;
  return schema;
}

/** An object of any members, none of which is looked at. */
export const anyObject = z.custom<Record<string, unknown>>(isObject);

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
