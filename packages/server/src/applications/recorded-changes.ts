import type { Clock, Journal } from '../ports/index.ts';
import type { ApplicationDirectory } from './directory.ts';

/** Tells the journal every change of applications that is made here, from now on; returns the undo. */
export const journalApplications = (
  applications: ApplicationDirectory,
  journal: Pick<Journal, 'append'>,
  clock: Pick<Clock, 'now'>,
): (() => void) =>
  applications.onChange(({ actor, action, to, room, application: { sdkAppId } }) => {
    // Who made it has recorded it.
    if (action === 'reload') return;
    const at = { at: clock.now(), kind: 'application', sdkAppId, room } as const;
    journal.append({ ...at, actor, cause: action, details: to });
  });
