import { permissionNames, slots } from '@roomkey/tickets/permissions';
import * as z from 'zod';

/** `rtc`: everyone is an anchor. `live`: anchors send, audience members only watch. */
export const scene = z.enum(['rtc', 'live']);

/** `anchor` may use its send bits, `audience` may not (in scene `live`). */
export const role = z.enum(['anchor', 'audience']);

/** A room as callers name it. */
export const room = z.union([
  z.strictObject({ roomId: z.number() }),
  z.strictObject({ strRoomId: z.string().max(256) }),
]);

/** What a member can send. */
export const slot = z.enum(slots);

/** The name of one of the eight permission bits. */
export const permission = z.enum(permissionNames);

/** One published slot of a member, as others see it. */
export const track = z.object({ trackId: z.string(), slot, muted: z.boolean() });
export type TrackWire = z.infer<typeof track>;

/** A member, as others see it. */
export const member = z.object({ userId: z.string(), role, tracks: z.array(track) });
export type MemberWire = z.infer<typeof member>;

/** One of the six values that decide what a member may do. */
/** Who brought something about: a user of the application, an operator, or the server by itself. */
export const actor = z.object({ type: z.enum(['user', 'operator', 'system']), id: z.string().optional() });

const operand = z.object({ bits: z.int(), cause: z.string(), actor, since: z.number() });

/** Why a member may do what it may do: the six operands, their result, and for each cleared bit the operand that cleared it. */
export const explanation = z.object({
  effective: z.int(),
  operands: z.object({
    held: operand,
    role: operand,
    authority: operand,
    denied: operand,
    lapsed: operand,
    capped: operand,
  }),
  cleared: z
    .array(
      z.object({
        permission,
        operand: z.enum(['held', 'role', 'authority', 'denied', 'lapsed', 'capped']),
        cause: z.string(),
        actor,
        since: z.number(),
      }),
    )
    .readonly(),
});
export type ExplanationWire = z.infer<typeof explanation>;

/** Why a member is out of the room without having asked. */
const removalReason = z.enum([
  'replaced',
  'serverStopping',
  'ticket',
  'kicked',
  'banned',
  'dismissed',
  'revoked',
  'contested',
]);
export type RemovalReason = z.infer<typeof removalReason>;

/** Why a member is out who did not ask for it; `cause` is a name of the error table. */
export const removal = z.object({ reason: removalReason, cause: z.string().optional() });
export type RemovalWire = z.infer<typeof removal>;

/** What a refusal carries beside its name. */
export interface RefusalData {
  /** The permission bit that was missing. */
  readonly permission?: string | undefined;
  /** With `versionConflict`: the version that is the current one, and of whom. */
  readonly version?: number | undefined;
  readonly userId?: string | undefined;
  /** With `resumeRefused`, for who shows a secret that was good: why the member is out. */
  readonly removed?: RemovalWire | undefined;
}
