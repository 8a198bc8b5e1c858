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

/** The refusal with what it is about before its title: "Camera: not found". */
export function refusalAbout(subject: string, refusal: Refusal): Refusal {
  const { title } = refusal;
  return { ...refusal, title: `${subject}: ${title.slice(0, 1).toLowerCase()}${title.slice(1)}` };
}

/** Most refusals that are shown at a time. */
const MAX_SHOWN = 3;

/** The refusals with one more in front; it takes the place of one that says the same. */
export function withRefusal(refusals: readonly Refusal[], refusal: Refusal): readonly Refusal[] {
  return [refusal, ...refusals.filter(({ title }) => title !== refusal.title)].slice(0, MAX_SHOWN);
}
