import type { ErrorName } from '@roomkey/protocol';
import type { PermissionName } from '@roomkey/tickets/permissions';

/** How a change of permissions comes that no request of a member asks for, and the one that comes with `resume`. */
export type ChangeWay = 'operator' | 'revocation' | 'expiry' | 'application' | 'resume';

/** Measures a change of permissions: called when it arrives, the result when the media engine has done what it closes. Never throws. */
export type ChangeTimer = (way: ChangeWay) => () => void;

/** Hears what happened, after it happened: metrics and logs. Never throws. */
export interface Observer {
  entered(room: string, userId: string): void;
  left(room: string, userId: string, reason: string): void;
  /** A member has taken up its seat with another connection. */
  resumed(room: string, userId: string): void;
  /** A request was refused; `observed` means that it would have been under `enforce`. */
  refused(
    cause: ErrorName,
    at: {
      readonly sdkAppId: number;
      readonly observed: boolean;
      /** Of whom and where, when it was observed. */
      readonly room?: string;
      readonly userId?: string;
    },
  ): void;
  /** Where keys are only observed: a key was taken that does not hold permissions which its member has all the same. */
  lacking(
    at: { readonly sdkAppId: number; readonly room: string; readonly userId: string },
    permissions: readonly PermissionName[],
  ): void;
}
