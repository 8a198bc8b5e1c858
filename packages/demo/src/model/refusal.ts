import { sentences } from './sentences.ts';

/** Something that did not go, in plain words. */
export interface Refusal {
  readonly title: string;
  readonly sentence: string;
  /** The name of the cause, for developers. */
  readonly cause: string;
}

/** `said` is what the server or the SDK says itself; it is used where this page has no words of its own. */
export function refusalOf(cause: string, said?: string): Refusal {
  const own = Object.hasOwn(sentences, cause) ? sentences[cause as keyof typeof sentences] : undefined;
  if (own) return { ...own, cause };
  return {
    title: 'That did not work',
    sentence: said || 'The server refused without saying why. Its log says more.',
    cause,
  };
}

/** The refusal behind any thrown value. */
export function refusalFrom(error: unknown): Refusal {
  if (!(error instanceof Error)) return refusalOf('unknown', String(error));
  return refusalOf(typeof error.cause === 'string' ? error.cause : 'unknown', error.message);
}
