import type { Admission, Application, RestrictionReader } from '@roomkey/server/ports';
import { TicketIssuer } from '@roomkey/tickets';
import { nothingTaken } from '@roomkey/tickets/permissions';

/** Unix seconds. */
export const NOW = 1_800_000_000;

export const sdkAppId = 1_400_000_001;

export const room = { roomId: 1 } as const;

/** An application with one secret key of each state. */
export const application = (settings: Partial<Application> = {}): Application => ({
  sdkAppId,
  name: 'test',
  permissionControl: 'enforce',
  expiryPolicy: 'keep',
  staleKeyPolicy: 'remove',
  duplicatePolicy: 'replace',
  maxMembersPerRoom: 300,
  maxRooms: 100,
  lingerSeconds: 0,
  graceSeconds: 60,
  keys: (['retired', 'active', 'compromised'] as const).map((state) => ({
    keyId: `the-${state}`,
    secret: `a secret that is ${state}`,
    state,
  })),
  roomControls: new Map(),
  ...settings,
});

/** Signs with the key of a state at a second. */
export const issuer = (state = 'active', now = NOW): TicketIssuer =>
  new TicketIssuer({ sdkAppId, secretKey: `a secret that is ${state}`, now });

/** Nothing is taken from anybody, but what a test says. */
export const restrictions = (taken: Partial<RestrictionReader> = {}): RestrictionReader => ({
  denied: () => nothingTaken(0),
  isBanned: () => false,
  revoked: () => undefined,
  ...taken,
});

/** What the tickets of `ana` are held against. */
export const context = (taken: Partial<RestrictionReader> = {}, settings: Partial<Application> = {}) => ({
  application: application(settings),
  userId: 'ana',
  restrictions: restrictions(taken),
  now: NOW * 1000,
});

/** `ana` asks to enter room 1 with good tickets for all bits. */
export const admission = (wish: Partial<Admission> = {}): Admission => ({
  sdkAppId,
  room,
  userId: 'ana',
  userSig: issuer().genUserSig('ana', 300),
  privateMapKey: issuer().genPrivateMapKey('ana', 300, 1, 255),
  scene: 'rtc',
  role: 'anchor',
  authBits: undefined,
  rtpCapabilities: undefined,
  autoReceive: { audio: true, video: true },
  ...wish,
});
