import type { Terminal } from '../terminal/terminal.ts';

/** More than any ticket has, with room for line ends around it. */
const most = 32 * 1024;

/** True when a ticket argument means standard input. */
export function isStdin(argument: string | undefined): boolean {
  return argument === undefined || argument === '-';
}

/** The ticket that an argument gives, or standard input; white space around it does not count. */
export async function readTicket(argument: string | undefined, { stdin }: Terminal): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument.trim();
  let text = '';
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    if (text.length > most) break;
  }
  return text.trim();
}
