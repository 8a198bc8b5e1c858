/** Restarts that may fail before a path that never worked counts as blocked. */
const FAILURES_WITHOUT_MEDIA = 5;

/** The same of a path over which media has come or gone in this stay: it worked here, so it may work again. */
const FAILURES_AFTER_MEDIA = 20;

/**
 * The network path of one transport.
 *
 * - `well`: media gets through, or nothing was heard to the contrary.
 * - `asking`: it is lost, and the server is asked for new ICE credentials.
 * - `trying`: the new credentials are in use at both ends, and have time to work.
 * - `waiting`: it is lost, and nobody can be asked now.
 * - `blocked`: so many restarts failed that no further one is worth while.
 */
export interface IcePath {
  readonly at: 'well' | 'asking' | 'trying' | 'waiting' | 'blocked';
  /** Restarts that had time to work, one after the other, and did not. */
  readonly failed: number;
  /** Media got through before. */
  readonly hasWorked: boolean;
}

/**
 * - `connected`, `lost`: what the browser says of the path.
 * - `moved`: this computer has come into another network.
 * - `restarted`, `refused`: how the server answered the request for a restart.
 * - `signalingLost`, `signalingBack`: whether the server can be asked.
 * - `timeUp`: the time of the present step is over.
 */
export type PathHappening =
  | 'connected'
  | 'lost'
  | 'moved'
  | 'restarted'
  | 'refused'
  | 'signalingLost'
  | 'signalingBack'
  | 'timeUp';

export const newPath: IcePath = { at: 'well', failed: 0, hasWorked: false };

/** The path after something happened; the same object where that changes nothing. */
export function nextPath(path: IcePath, happening: PathHappening): IcePath {
  const { at, failed } = path;
  if (happening === 'connected') return { at: 'well', failed: 0, hasWorked: true };
  if (at === 'blocked') return path;
  if (at === 'well') {
    const mayBeLost = happening === 'lost' || happening === 'moved';
    return mayBeLost ? { ...path, at: 'asking', failed: 0 } : path;
  }
  switch (happening) {
    // Without signaling the network is away, which says nothing about a firewall.
    case 'signalingLost':
      return { ...path, at: 'waiting', failed: 0 };
    case 'signalingBack':
      return { ...path, at: 'asking', failed: 0 };
    // Credentials that are in use were tried from the addresses before.
    case 'moved':
      return at === 'trying' ? { ...path, at: 'asking' } : path;
    case 'restarted':
      return at === 'asking' ? { ...path, at: 'trying' } : path;
    case 'refused':
      return at === 'asking' ? { ...path, at: 'waiting' } : path;
    case 'timeUp':
      if (at === 'waiting') return { ...path, at: 'asking' };
      return at === 'trying' ? afterFailure({ ...path, failed: failed + 1 }) : path;
    // A restart that is under way gets its time, whatever the browser says meanwhile of the path before.
    case 'lost':
      return path;
  }
}

function afterFailure(path: IcePath): IcePath {
  const bearable = path.hasWorked ? FAILURES_AFTER_MEDIA : FAILURES_WITHOUT_MEDIA;
  return { ...path, at: path.failed < bearable ? 'asking' : 'blocked' };
}
