import type { Params } from '@roomkey/protocol';

/** An entry with its tickets. */
export type SignedEntry = Pick<
  Params<'enter'>,
  'sdkAppId' | 'userId' | 'userSig' | 'privateMapKey' | 'roomId'
>;
