import { TicketIssuer } from '@roomkey/tickets';
import { type Direction, presets, slotNeeds } from '@roomkey/tickets/permissions';
import type { RunningServer } from '../own-server.ts';
import type { SignedEntry } from '../signed-entry.ts';
import type { SubjectKeys } from './members.ts';
import { type MeasuredSlot, measuredSlots } from './stream.ts';

const roomId = 1;
const seconds = 86_400;

/** Tickets for so many members, and for the first of them the keys that its permissions change with. */
export function sign(
  { sdkAppId, secretKey }: RunningServer,
  members: number,
): { readonly entries: SignedEntry[]; readonly keys: SubjectKeys } {
  // All of one second: a key that is older than the one carried is refused.
  const issuer = new TicketIssuer({ sdkAppId, secretKey, now: Math.floor(Date.now() / 1000) });
  const key = (userId: string, bits: number) => issuer.genPrivateMapKey(userId, seconds, roomId, bits);
  const entries = Array.from({ length: members }, (_, index) => {
    const userId = `member_${index}`;
    const userSig = issuer.genUserSig(userId, seconds);
    return { sdkAppId, userId, userSig, privateMapKey: key(userId, presets.anchor), roomId };
  });
  const subject = entries[0]?.userId ?? '';
  const without = (direction: Direction) =>
    Object.fromEntries(
      measuredSlots.map((slot) => [slot, key(subject, presets.anchor - slotNeeds(direction, slot))]),
    ) as Record<MeasuredSlot, string>;
  const keys = {
    full: key(subject, presets.anchor),
    without: { send: without('send'), recv: without('recv') },
  };
  return { entries, keys };
}
