import type { ModelChange } from './race-changes.fixture.ts';
import type { RoomModel } from './room-model.fixture.ts';

/** A change that was asked for, as one of at most 31: a set of them is a number with a bit for each. */
export interface Asked {
  readonly change: ModelChange;
  /** Those that were answered before this one was asked for: they came first. */
  readonly behind: number;
}

/** Models by the set of changes that they have gone through: of each set in every order that can have been. */
export class Orders {
  readonly #models = new Map<number, readonly RoomModel[]>();
  readonly #all: number;

  constructor(begin: readonly RoomModel[], asked: readonly Asked[]) {
    this.#all = 2 ** asked.length - 1;
    const died = asked.some(({ change }) => change.what === 'workerDeath');
    this.#models.set(0, begin);
    for (let set = 1; set <= this.#all; set++) {
      const possible = asked.flatMap(({ change, behind }, index) => {
        const before = set & ~(1 << index);
        if (before === set || (behind & ~before) !== 0) return [];
        return (this.#models.get(before) ?? []).flatMap((model) => outcomes(model, change, died));
      });
      this.#models.set(set, distinct(possible));
    }
  }

  /** After all of them. */
  get end(): readonly RoomModel[] {
    return this.#models.get(this.#all) ?? [];
  }

  /** After those of one set, and perhaps some of another. */
  between(least: number, most: number): RoomModel[] {
    const sets = [...this.#models].filter(([set]) => (least & ~set) === 0 && (set & ~most) === 0);
    return sets.flatMap(([, models]) => models);
  }
}

/** What a worker takes along that dies while a track is being opened is never published. */
function outcomes(model: RoomModel, change: ModelChange, died: boolean): RoomModel[] {
  const after = model.copy();
  after.apply(change);
  return died && change.what === 'publish' ? [after, model.copy()] : [after];
}

/** One model of each state. */
const distinct = (models: readonly RoomModel[]): RoomModel[] =>
  models.length < 2 ? [...models] : [...new Map(models.map((model) => [model.fingerprint, model])).values()];
