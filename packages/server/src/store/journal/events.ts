import type { StoreError } from '../../ports/index.ts';
import type { Anchor } from './anchors.ts';

/** Told by the journal. Nothing of it throws. */
export interface JournalEvents {
  /** Records cannot be kept: told when it begins, and each minute that it lasts. */
  failing(fault: StoreError, waiting: number): void;
  /** They are kept again. */
  recovered(): void;
  anchored(anchor: Anchor): void;
  /** An anchor or the deletion of old records failed, or the records end before an anchor. The journal goes on; an operator must look. */
  trouble(fault: StoreError): void;
}

/** Nobody is told. */
export const silent: JournalEvents = {
  failing: () => {},
  recovered: () => {},
  anchored: () => {},
  trouble: () => {},
};
