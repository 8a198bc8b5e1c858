import { missing } from '@roomkey/tickets/permissions';
import type { Gives } from '../change-recorder.ts';

/** What a change of denials gives to its users. One that takes nothing from anybody only gives. */
export class Gain {
  #isGiven = false;
  #isTaken = false;

  /** Adds a user by what was denied and what is denied then. */
  add(had: number, has: number): void {
    this.#isGiven ||= missing(has, had).length > 0;
    this.#isTaken ||= missing(had, has).length > 0;
  }

  get gives(): Gives {
    if (!this.#isGiven) return 'nothing';
    return this.#isTaken ? 'besides' : 'only';
  }
}
