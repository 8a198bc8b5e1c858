import type { Slot } from '@roomkey/tickets/permissions';

/** Whom every test of races has inside; a large room has more. */
export const users = ['ana', 'bob', 'eve'] as const;

/** Whom a change of operators concerns beside, or instead of, the one who is named. */
export type Whom = 'all' | 'others';

/** A change as a test asks for it; keys and connections are filled in when it is asked for. */
export type Wish = { readonly user: string } & (
  | { readonly what: 'enter'; readonly bits: number; readonly role: 'anchor' | 'audience' }
  | { readonly what: 'resume' | 'exit' | 'lose' | 'ban' | 'dismiss' | 'workerDeath' }
  | { readonly what: 'kick'; readonly also?: readonly string[] | undefined }
  | { readonly what: 'switchRole'; readonly role: 'anchor' | 'audience'; readonly bits?: number | undefined }
  | { readonly what: 'updatePrivateMapKey'; readonly bits: number; readonly elsewhere?: true }
  | { readonly what: 'changeAuthority'; readonly asks: number; readonly bits?: number | undefined }
  | {
      readonly what: 'deny' | 'allow';
      readonly bits: number;
      readonly seconds: number;
      readonly whom?: Whom | undefined;
    }
  | { readonly what: 'revoke'; readonly whose: 'user' | 'room' | 'application' }
  | { readonly what: 'control'; readonly control: 'off' | 'observe' | 'enforce' }
  | { readonly what: 'expiryPolicy'; readonly policy: 'keep' | 'demote' | 'remove' }
  | { readonly what: 'stalePolicy'; readonly policy: 'remove' | 'refuse' }
  /** A new secret key signs from now on; the older ones stay good. */
  | { readonly what: 'newSecretKey' }
  /** Of the oldest secret key that is not compromised. */
  | { readonly what: 'secretKey'; readonly state: 'active' | 'retired' | 'compromised' }
  | { readonly what: 'publish' | 'unpublish' | 'subscribe' | 'unsubscribe'; readonly slot: Slot }
  | { readonly what: 'time'; readonly seconds: number }
);

/** A PrivateMapKey; times in seconds. */
export interface ModelKey {
  readonly bits: number;
  readonly issued: number;
  readonly expires: number;
  readonly isOfThisRoom: boolean;
  /** The secret key that signed it, and the UserSig that was shown with it. */
  readonly signedBy: string;
}

/** One change, asked for by whom it concerns over the connection `by`, or by an operator, or by time. */
export type ModelChange = { readonly user: string; readonly by?: string | undefined } & (
  | {
      readonly what: 'enter';
      readonly as: string;
      readonly key: ModelKey;
      readonly role: 'anchor' | 'audience';
      /** Nothing can be recorded at the moment. */
      readonly isShut: boolean;
    }
  /** The record of an entry was not kept in time. */
  | { readonly what: 'unrecorded'; readonly as: string }
  | { readonly what: 'resume'; readonly as: string; readonly entry: string | undefined }
  | { readonly what: 'exit' | 'lose' | 'ban' | 'dismiss' | 'workerDeath' | 'newSecretKey' }
  | { readonly what: 'kick'; readonly also?: readonly string[] | undefined }
  | { readonly what: 'switchRole'; readonly role: 'anchor' | 'audience'; readonly key?: ModelKey | undefined }
  | { readonly what: 'updatePrivateMapKey'; readonly key: ModelKey }
  | { readonly what: 'changeAuthority'; readonly bits: number; readonly key?: ModelKey | undefined }
  | {
      readonly what: 'deny' | 'allow';
      readonly bits: number;
      readonly seconds: number;
      readonly whom?: Whom | undefined;
      /** Nothing can be recorded at the moment. */
      readonly isShut: boolean;
    }
  | { readonly what: 'revoke'; readonly whose: 'user' | 'room' | 'application' }
  | { readonly what: 'control'; readonly control: 'off' | 'observe' | 'enforce' }
  | { readonly what: 'expiryPolicy'; readonly policy: 'keep' | 'demote' | 'remove' }
  | { readonly what: 'stalePolicy'; readonly policy: 'remove' | 'refuse' }
  | {
      readonly what: 'secretKey';
      readonly keyId: string;
      readonly state: 'active' | 'retired' | 'compromised';
    }
  | {
      readonly what: 'publish' | 'unpublish' | 'subscribe' | 'unsubscribe';
      readonly slot: Slot;
      readonly of: string;
    }
  | { readonly what: 'time'; readonly seconds: number }
);
