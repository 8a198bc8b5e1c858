import { type ApplicationView, type RoomRef, roomRef, ServiceError } from '@roomkey/protocol';
import { PageGatherer, pageOf } from '../page-of.ts';
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
  const gathered = new PageGatherer<number, StoredApplication>(after, page.limit);
  for (const application of all) gathered.add(application.sdkAppId, application);
  const { rows, next } = pageOf(gathered.ordered, page.limit);
  return { applications: rows.map(viewOf), ...next };
}

/** A page of the rooms with a permission control of their own, by room key text. */
export function roomControlPage(
  { roomControls: all }: Pick<StoredApplication, 'roomControls'>,
  { after = '', limit }: Page,
): RoomControlPage {
  const gathered = new PageGatherer<string, RoomControlPage['roomControls'][number]>(after, limit);
  for (const [room, permissionControl] of all) gathered.add(room, { room: roomRef(room), permissionControl });
  const { rows, next } = pageOf(gathered.ordered, limit);
  return { roomControls: rows, ...next };
}
