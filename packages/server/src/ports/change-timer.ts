/** How a change of permissions comes that no request of a member asks for, and the one that comes with `resume`. */
export type ChangeWay = 'operator' | 'revocation' | 'expiry' | 'application' | 'resume';

/** Measures a change of permissions: called when it arrives, the result when the media engine has done what it closes. Never throws. */
export type ChangeTimer = (way: ChangeWay) => () => void;
