import type { Happening } from './model/happening.ts';
import type { Stream } from './model/person.ts';

/** What a stay in a room needs of the page. */
export interface SessionPage {
  tell(happening: Happening): void;
  /** Writes an event of the SDK into the log. */
  log(name: string, payload: unknown): void;
  /** Where a picture is played, while the stage has a tile for it; a user id of `''` is the visitor. */
  placeOf(userId: string, stream: Stream): HTMLElement | undefined;
  /** How loud somebody is, from 0 to 1. */
  level(userId: string, level: number): void;
}
