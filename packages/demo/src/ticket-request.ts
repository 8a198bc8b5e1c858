import { type EntryForm, roomOf } from './model/entry-form.ts';

/** The two tickets of an entry, from the page's own server. */
export interface Tickets {
  readonly sdkAppId: number;
  readonly userSig: string;
  readonly privateMapKey: string;
}

/** Why there are no tickets; `cause` is the server's name for it. */
class TicketRefused extends Error {
  override readonly name = 'TicketRefused';
  override readonly cause: string;

  constructor(cause: string, message: string) {
    super(message);
    this.cause = cause;
  }
}

/**
 * Asks the server of this page to sign for the name, the room and the bits of a form without fault.
 *
 * @throws {TicketRefused} the server's refusal, or `ticketsUnreachable`
 */
export async function requestTickets(form: EntryForm): Promise<Tickets> {
  const wish = { userId: form.name, ...roomOf(form), permissions: form.permissions };
  try {
    const response = await fetch('/demo/tickets', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(wish),
    });
    const body = await response.json();
    if (response.ok) return body as Tickets;
    const { name, message } = (body as { error: { name: string; message: string } }).error;
    throw new TicketRefused(name, message);
  } catch (error) {
    if (error instanceof TicketRefused) throw error;
    throw new TicketRefused('ticketsUnreachable', 'The server does not answer in JSON.');
  }
}
