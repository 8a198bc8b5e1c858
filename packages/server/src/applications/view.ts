import type { ApplicationView } from '@roomkey/protocol';
import type { ApplicationSettings, StoredApplication } from '../ports/index.ts';

/** The settings alone, without what an application holds beside them. */
export const settingsOf = (application: ApplicationSettings): ApplicationSettings => ({
  name: application.name,
  permissionControl: application.permissionControl,
  expiryPolicy: application.expiryPolicy,
  staleKeyPolicy: application.staleKeyPolicy,
  duplicatePolicy: application.duplicatePolicy,
  maxMembersPerRoom: application.maxMembersPerRoom,
  maxRooms: application.maxRooms,
  lingerSeconds: application.lingerSeconds,
  graceSeconds: application.graceSeconds,
});

/** An application as operators see it; holds no secret. */
export const viewOf = (application: StoredApplication): ApplicationView => ({
  sdkAppId: application.sdkAppId,
  createdAt: application.createdAt,
  settings: settingsOf(application),
  keys: application.keys.map(({ keyId, state, createdAt }) => ({ keyId, state, createdAt })),
  roomControls: application.roomControls.size,
});
