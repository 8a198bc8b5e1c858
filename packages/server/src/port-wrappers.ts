import type { MediasoupPlane } from './media/index.ts';
import type { Applications, Home, MediaPlane, RestrictionReader } from './ports/index.ts';

/**
 * Puts something between the rooms and what is behind their ports. For proofs alone: a test of the tests has to be able
 * to break enforcement. Nobody else gives any.
 */
export interface PortWrappers {
  /** Between the rooms and the media engine. */
  readonly plane?: (plane: MediasoupPlane) => MediaPlane;
  /** Between the rooms and their applications. */
  readonly applications?: (applications: Applications) => Applications;
  /** Between the rooms and what operators have taken away. */
  readonly restrictions?: (restrictions: RestrictionReader) => RestrictionReader;
  /** Between the connections and the rooms. */
  readonly home?: (home: Home) => Home;
}

/** A port as the wrapper, if there is one, makes it. */
export const wrapped = <Port, Inner extends Port>(
  inner: Inner,
  wrapper: ((inner: Inner) => Port) | undefined,
): Port => (wrapper ? wrapper(inner) : inner);
