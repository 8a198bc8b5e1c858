import type { Refusal } from './refusal.ts';

/** The two pictures that somebody can send. */
export type Stream = 'main' | 'sub';

/** One picture of somebody, as it reaches this page. */
export type Watching =
  | { readonly at: 'none' }
  | { readonly at: 'available' }
  | { readonly at: 'refused'; readonly refusal: Refusal };

/** Somebody else in the room. */
export interface Person {
  readonly userId: string;
  /** Whether a sound of theirs is on offer; false when they are muted. */
  readonly audible: boolean;
  readonly main: Watching;
  readonly sub: Watching;
}

/** Applies a change to one person, who is added when not there; the list keeps the order of arrival. */
export function withPerson(
  people: readonly Person[],
  userId: string,
  change: Partial<Omit<Person, 'userId'>>,
): readonly Person[] {
  const found = people.find((person) => person.userId === userId);
  if (found) return people.map((person) => (person === found ? { ...found, ...change } : person));
  const person: Person = { userId, audible: false, main: { at: 'none' }, sub: { at: 'none' }, ...change };
  return [...people, person];
}

export function withoutPerson(people: readonly Person[], userId: string): readonly Person[] {
  return people.filter((person) => person.userId !== userId);
}
