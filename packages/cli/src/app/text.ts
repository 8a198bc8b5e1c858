import type { AdminResult, ApplicationView } from '@roomkey/protocol';
import { textTable } from '../terminal/table.ts';
import { roomText, timeText } from '../terminal/value-text.ts';

/** One application in full. */
export function applicationText({
  sdkAppId,
  createdAt,
  settings,
  keys,
  roomControls,
}: ApplicationView): string {
  return textTable([
    ['SDKAppID', String(sdkAppId)],
    ['name', settings.name],
    ['created', timeText(createdAt)],
    ['permission control', settings.permissionControl],
    ['rooms with their own', String(roomControls)],
    ['expiry policy', settings.expiryPolicy],
    ['stale key policy', settings.staleKeyPolicy],
    ['duplicate policy', settings.duplicatePolicy],
    ['members per room', String(settings.maxMembersPerRoom)],
    ['rooms', String(settings.maxRooms)],
    ['linger seconds', String(settings.lingerSeconds)],
    ['grace seconds', String(settings.graceSeconds)],
    ...keys.map(({ keyId, state, createdAt: added }) => [
      `key ${keyId}`,
      `${state}, added ${timeText(added)}`,
    ]),
  ]);
}

/** How `enforce` would have the members whose keys are only observed now; nothing when there are none. */
export function observedText(observed: AdminResult<'app.show'>['observed']): string[] {
  if (!observed) return [];
  const { members, refused, lacking } = observed;
  const rows = [
    ...Object.entries(refused).map(([cause, count]) => [`refused: ${cause}`, String(count)]),
    ...Object.entries(lacking).map(([permission, count]) => [`without ${permission}`, String(count)]),
  ];
  const head = [`UNDER ENFORCE, OF ${members} OBSERVED`, 'MEMBERS'];
  return [textTable([head, ...(rows.length > 0 ? rows : [['as they are now', String(members)]])])];
}

/** Many applications, one a line. */
export function applicationListText(applications: readonly ApplicationView[]): string {
  return textTable([
    ['SDKAPPID', 'PERMISSION CONTROL', 'ACTIVE KEYS', 'NAME'],
    ...applications.map(({ sdkAppId, settings, keys }) => [
      String(sdkAppId),
      settings.permissionControl,
      String(keys.filter(({ state }) => state === 'active').length),
      settings.name,
    ]),
  ]);
}

/** The rooms that have a permission control of their own, one a line; string room ids stand in quotes. */
export function roomControlsText(controls: AdminResult<'app.listRoomControls'>['roomControls']): string {
  return textTable([
    ['PERMISSION CONTROL', 'ROOM'],
    ...controls.map(({ room: ref, permissionControl }) => [permissionControl, roomText(ref)]),
  ]);
}
