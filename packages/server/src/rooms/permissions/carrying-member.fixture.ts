import { RecordingLink } from '@roomkey/testkit';
import { nothingTaken, systemActor } from '@roomkey/tickets/permissions';
import type { HeldKey } from '../../access/index.ts';
import { TokenBucket } from '../../token-bucket.ts';
import { Member } from '../state/member.ts';

/** Unix seconds; a `FakeClock` begins here. */
export const NOW = 1_800_000_000;

/** A key for all bits that is good for 300 seconds. */
export const heldKey = (changes: Partial<HeldKey> = {}): HeldKey => ({
  permissions: 255,
  issuedAt: NOW,
  expiresAt: NOW + 300,
  keyId: 'first',
  fingerprint: 'f',
  ...changes,
});

/** A member in scene `rtc` who has everything, and carries a key that was checked, or none with `undefined`. */
export function carryingMember(userId: string, held: HeldKey | undefined = undefined): Member {
  const all = { bits: 255, cause: 'privateMapKey', actor: systemActor, since: 0 };
  const none = nothingTaken(0);
  return new Member(
    {
      memberId: `member-${userId}`,
      userId,
      scene: 'rtc',
      userSig: { issuedAt: NOW, keyId: 'first', fingerprint: 's' },
      rtpCapabilities: undefined,
      autoReceive: { audio: true, video: true },
      entryNumber: 1,
    },
    {
      operands: { held: all, role: all, authority: all, denied: none, lapsed: none, capped: none },
      role: 'anchor',
      privateMapKey: { ticket: 'a ticket', held },
      changes: new TokenBucket({ perSecond: 1, burst: 1, now: () => 0 }),
    },
    new RecordingLink(),
  );
}
