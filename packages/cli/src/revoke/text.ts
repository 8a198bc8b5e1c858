import type { AdminResult } from '@roomkey/protocol';
import { textTable } from '../terminal/table.ts';
import { actorText, roomText, timeText } from '../terminal/value-text.ts';

type Revocations = AdminResult<'tickets.listRevocations'>['revocations'];

/** Revocations, one a line. */
export const revocationsText = (revocations: Revocations): string =>
  textTable([
    ['TICKETS OF', 'SIGNED UP TO', 'CAUSE', 'ACTOR', 'SINCE'],
    ...revocations.map(({ tickets, before, cause, actor, since }) => [
      ticketsText(tickets),
      timeText(before * 1000),
      cause,
      actorText(actor),
      timeText(since),
    ]),
  ]);

function ticketsText(tickets: Revocations[number]['tickets']): string {
  if (tickets === 'application') return 'the application';
  return 'userId' in tickets ? `user ${tickets.userId}` : `room ${roomText(tickets.room)}`;
}
