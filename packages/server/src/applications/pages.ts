import { type ApplicationView, type RoomRef, roomRef, ServiceError } from '@roomkey/protocol';
import type { PermissionControl, StoredApplication } from '../ports/index.ts';
import { viewOf } from './view.ts';

/** A page begins behind `after`, the `next` of the page before. */
export interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface ApplicationPage {
  readonly applications: ApplicationView[];
  readonly next?: string;
}

export interface RoomControlPage {
  readonly roomControls: { readonly room: RoomRef; readonly permissionControl: PermissionControl }[];
  readonly next?: string;
}

/** A page of applications by rising sdkAppId. @throws {ServiceError} `settingInvalid` when `after` is no number */
export function applicationPage(all: Iterable<StoredApplication>, page: Page): ApplicationPage {
  const after = page.after === undefined ? 0 : Number(page.after);
  if (!Number.isFinite(after)) throw new ServiceError('settingInvalid', 'after must be an sdkAppId.');
  const behind = [...all].filter(({ sdkAppId }) => sdkAppId > after).sort((a, b) => a.sdkAppId - b.sdkAppId);
  const applications = behind.slice(0, page.limit).map(viewOf);
  const last = applications.at(-1);
  return behind.length > page.limit && last
    ? { applications, next: String(last.sdkAppId) }
    : { applications };
}

/** A page of the rooms with a permission control of their own, by room key text. */
export function roomControlPage(
  { roomControls: all }: Pick<StoredApplication, 'roomControls'>,
  { after = '', limit }: Page,
): RoomControlPage {
  const behind = [...all].filter(([room]) => room > after).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = behind.slice(0, limit);
  const roomControls = rows.map(([room, permissionControl]) => ({ room: roomRef(room), permissionControl }));
  const last = rows.at(-1);
  return behind.length > limit && last ? { roomControls, next: last[0] } : { roomControls };
}
