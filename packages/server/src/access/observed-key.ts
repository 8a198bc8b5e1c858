import { type ErrorName, ServiceError } from '@roomkey/protocol';
import type { HeldKey } from './verified-ticket.ts';

/** What `enforce` would make of a member's key, worked out beside what holds where keys are only observed. */
export type ObservedKey =
  | { readonly held: HeldKey; readonly refusal?: undefined }
  | { readonly held?: undefined; readonly refusal: ErrorName };

/** Makes a check that refuses nothing: says what came of it. */
export function observedKey(check: () => HeldKey): ObservedKey {
  try {
    return { held: check() };
  } catch (error) {
    if (error instanceof ServiceError) return { refusal: error.code };
    throw error;
  }
}
