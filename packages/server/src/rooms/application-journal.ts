import type { ApplicationDirectory } from './application-directory.ts';
import type { Journal } from './journal.ts';
import type { Clock } from './ports.ts';

/** Tells the journal every change of applications, from now on; returns the undo. */
export const journalApplications = (
  applications: ApplicationDirectory,
  journal: Pick<Journal, 'told'>,
  clock: Pick<Clock, 'now'>,
): (() => void) =>
  applications.onChange(({ actor, action, to, room, application: { sdkAppId } }) => {
    const at = { at: clock.now(), kind: 'application', sdkAppId, room } as const;
    journal.told({ ...at, actor, cause: action, details: to });
  });
