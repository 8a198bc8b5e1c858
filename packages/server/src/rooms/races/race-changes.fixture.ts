import type { Slot } from '@roomkey/tickets/permissions';

export const users = ['ana', 'bob', 'eve'] as const;
export type User = (typeof users)[number];

/** A change as a test asks for it; keys and connections are filled in when it is asked for. */
export type Wish = { readonly user: User } & (
  | { readonly what: 'enter'; readonly bits: number; readonly role: 'anchor' | 'audience' }
  | { readonly what: 'resume' | 'exit' | 'lose' | 'kick' | 'ban' | 'dismiss' | 'workerDeath' }
  | { readonly what: 'switchRole'; readonly role: 'anchor' | 'audience'; readonly bits?: number | undefined }
  | { readonly what: 'updatePrivateMapKey'; readonly bits: number; readonly elsewhere?: true }
  | { readonly what: 'changeAuthority'; readonly asks: number; readonly bits?: number | undefined }
  | { readonly what: 'deny' | 'allow'; readonly bits: number; readonly seconds: number }
  | { readonly what: 'revoke'; readonly whose: 'user' | 'room' | 'application' }
  | { readonly what: 'control'; readonly control: 'off' | 'observe' | 'enforce' }
  | { readonly what: 'expiryPolicy'; readonly policy: 'keep' | 'demote' | 'remove' }
  | { readonly what: 'stalePolicy'; readonly policy: 'remove' | 'refuse' }
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
}

/** One change, asked for by whom it concerns over the connection `by`, or by an operator, or by time. */
export type ModelChange = { readonly user: string; readonly by?: string | undefined } & (
  | {
      readonly what: 'enter';
      readonly as: string;
      readonly key: ModelKey;
      readonly role: 'anchor' | 'audience';
    }
  | { readonly what: 'resume'; readonly as: string; readonly entry: string | undefined }
  | { readonly what: 'exit' | 'lose' | 'kick' | 'ban' | 'dismiss' | 'workerDeath' }
  | { readonly what: 'switchRole'; readonly role: 'anchor' | 'audience'; readonly key?: ModelKey | undefined }
  | { readonly what: 'updatePrivateMapKey'; readonly key: ModelKey }
  | { readonly what: 'changeAuthority'; readonly bits: number; readonly key?: ModelKey | undefined }
  | { readonly what: 'deny' | 'allow'; readonly bits: number; readonly seconds: number }
  | { readonly what: 'revoke'; readonly whose: 'user' | 'room' | 'application' }
  | { readonly what: 'control'; readonly control: 'off' | 'observe' | 'enforce' }
  | { readonly what: 'expiryPolicy'; readonly policy: 'keep' | 'demote' | 'remove' }
  | { readonly what: 'stalePolicy'; readonly policy: 'remove' | 'refuse' }
  | { readonly what: 'secretKey'; readonly state: 'active' | 'retired' | 'compromised' }
  | {
      readonly what: 'publish' | 'unpublish' | 'subscribe' | 'unsubscribe';
      readonly slot: Slot;
      readonly of: string;
      /** The media plane opens nothing at the moment. */
      readonly isHeld?: boolean;
    }
  | { readonly what: 'time'; readonly seconds: number }
);
