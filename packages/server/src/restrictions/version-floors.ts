import type { VersionFloor } from '../ports/index.ts';

/** The highest versions of what was deleted, by application: what is new begins above them. They only rise. */
export class VersionFloors {
  readonly #floors = new Map<number, number>();

  constructor(stored: readonly VersionFloor[]) {
    for (const { sdkAppId, version } of stored) this.raise(sdkAppId, version);
  }

  /** 0: nothing of the application was ever deleted. */
  of(sdkAppId: number): number {
    return this.#floors.get(sdkAppId) ?? 0;
  }

  /** Raises a floor to a version, unless it is as high already. */
  raise(sdkAppId: number, version: number): void {
    if (version > this.of(sdkAppId)) this.#floors.set(sdkAppId, version);
  }
}
