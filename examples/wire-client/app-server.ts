import { TicketIssuer } from '@roomkey/tickets';
import type { Entry } from './messages.ts';

/** What the customer's own server decides about a member. */
export interface Wish {
  readonly sdkAppId: number;
  readonly secretKey: string;
  readonly userId: string;
  readonly room: { readonly roomId: number } | { readonly strRoomId: string };
  /** The permission byte of the PrivateMapKey. */
  readonly permissions: number;
}

const validSeconds = 600;

/** The half that belongs on the customer's server: it alone knows the secret key, and signs both tickets with it. */
export function signEntry({ sdkAppId, secretKey, userId, room, permissions }: Wish): Entry {
  const issuer = new TicketIssuer({ sdkAppId, secretKey });
  const privateMapKey =
    'roomId' in room
      ? issuer.genPrivateMapKey(userId, validSeconds, room.roomId, permissions)
      : issuer.genPrivateMapKeyWithStringRoomID(userId, validSeconds, room.strRoomId, permissions);
  return { sdkAppId, userId, userSig: issuer.genUserSig(userId, validSeconds), privateMapKey, ...room };
}
