import {
  decodeTicket,
  TicketError,
  TicketIssuer,
  ticketFingerprint,
  type UserSigClaims,
  verifyPrivateMapKey,
  verifyUserSig,
} from '@roomkey/tickets';
import { type Command, Option } from 'commander';
import { permissionBits } from '../options/permissions.ts';
import { addRoomOptions, type RoomOptions, roomFrom } from '../options/room.ts';
import { addSecretOptions, readSecret, type SecretOptions, secretIn } from '../options/secret.ts';
import { wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { isStdin, readTicket } from './input.ts';
import { claimsText, decodedText, remarksOn } from './text.ts';

interface JsonOption {
  readonly json?: true;
}

/** Whose ticket it is, and where the secret key is. */
interface HolderOptions extends SecretOptions, JsonOption {
  readonly sdkAppId: number;
  readonly userId: string;
}

type IssueOptions = HolderOptions & { readonly expire: number };
type VerifyOptions = HolderOptions & RoomOptions & { readonly at?: number };

/** Adds `roomkey ticket …`: signs, verifies and reads tickets, without a server. */
export function addTicketCommands(program: Command, terminal: Terminal): void {
  const ticket = program
    .command('ticket')
    .description('tickets: sign, verify and read them')
    .addHelpText('after', examples);
  addIssueCommands(ticket, terminal);

  addRoomOptions(addHolderOptions(ticket.command('verify')))
    .description('verify a UserSig, or with a room a PrivateMapKey; a refused ticket ends it with 1')
    .argument('[ticket]', ticketHelp)
    .addOption(
      new Option('--at <seconds>', 'verify as at this unix time (default: now)').argParser(wholeNumber),
    )
    .action(async (text: string | undefined, options: VerifyOptions, command: Command) => {
      if (options.secretStdin && isStdin(text)) {
        command.error('error: standard input cannot be both the ticket and the secret key');
      }
      const secretKeys = await secretKeyFor(options, command, terminal);
      const read = await readTicket(text, terminal);
      const claims = judge(options, command, terminal, () => verify(read, secretKeys, options));
      terminal.out(options.json ? JSON.stringify({ ok: true, ...claims }) : claimsText(claims));
    });

  ticket
    .command('inspect')
    .description('print what a ticket says, whoever wrote it; no key is needed, and nothing is proven')
    .argument('[ticket]', ticketHelp)
    .option('--json', 'print one JSON object')
    .action(async (text: string | undefined, options: JsonOption, command: Command) => {
      const read = await readTicket(text, terminal);
      const decoded = judge(options, command, terminal, () => decodeTicket(read));
      const fingerprint = ticketFingerprint(read);
      terminal.out(
        options.json ? JSON.stringify({ ...decoded, fingerprint }) : decodedText(decoded, fingerprint),
      );
      for (const remark of remarksOn(decoded)) terminal.err(remark);
    });
}

function addIssueCommands(ticket: Command, terminal: Terminal): void {
  addIssueOptions(ticket.command('user-sig'))
    .description('sign a UserSig: who the user is')
    .action((options: IssueOptions, command: Command) =>
      issue(options, command, terminal, (issuer) => issuer.genUserSig(options.userId, options.expire)),
    );

  addRoomOptions(addIssueOptions(ticket.command('private-map-key')))
    .description('sign a PrivateMapKey: which room the user may enter, and what to do there')
    .requiredOption(
      '--permissions <bits>',
      'number from 0 to 255, anchor (255), audience (170), or names like enterRoom,recvAudio',
      permissionBits,
    )
    .action((options: IssueOptions & RoomOptions & { permissions: number }, command: Command) => {
      const { userId, expire, permissions } = options;
      const room = roomFrom(options, command);
      return issue(options, command, terminal, (issuer) =>
        'roomId' in room
          ? issuer.genPrivateMapKey(userId, expire, room.roomId, permissions)
          : issuer.genPrivateMapKeyWithStringRoomID(userId, expire, room.strRoomId, permissions),
      );
    });
}

function addHolderOptions(command: Command): Command {
  command
    .requiredOption('--sdk-app-id <number>', 'number of the application', wholeNumber)
    .requiredOption('--user-id <text>', 'the user');
  return addSecretOptions(command, 'use the secret key').option('--json', 'print one JSON object');
}

function addIssueOptions(command: Command): Command {
  return addHolderOptions(command).option(
    '--expire <seconds>',
    'how long the ticket is good for',
    wholeNumber,
    86_400,
  );
}

async function issue(
  options: IssueOptions,
  command: Command,
  terminal: Terminal,
  sign: (issuer: TicketIssuer) => string,
): Promise<void> {
  const secretKey = await secretKeyFor(options, command, terminal);
  const ticket = arguedBy(command, [RangeError, TypeError, TicketError], () =>
    sign(new TicketIssuer({ sdkAppId: options.sdkAppId, secretKey })),
  );
  const decoded = decodeTicket(ticket);
  terminal.out(options.json ? JSON.stringify({ ticket, ...decoded }) : ticket);
  for (const remark of remarksOn(decoded)) terminal.err(remark);
}

function verify(ticket: string, secretKeys: string, options: VerifyOptions): UserSigClaims {
  const { sdkAppId, userId, roomId, strRoomId, at } = options;
  const common = { sdkAppId, secretKeys, userId, ...(at !== undefined && { now: at }) };
  if (roomId !== undefined) return verifyPrivateMapKey(ticket, { ...common, roomId });
  if (strRoomId !== undefined) return verifyPrivateMapKey(ticket, { ...common, strRoomId });
  return verifyUserSig(ticket, common);
}

/** What a ticket gives; a refusal is told, as JSON too where that is asked for, and ends the command with 1. */
function judge<T>({ json }: JsonOption, command: Command, terminal: Terminal, read: () => T): T {
  try {
    return arguedBy(command, [RangeError, TypeError], read);
  } catch (error) {
    if (!(error instanceof TicketError)) throw error;
    const { reason, message } = error;
    if (json) terminal.out(JSON.stringify({ ok: false, reason, message }));
    throw new Error(`refused (${reason}): ${message}`);
  }
}

/** Errors of these kinds come from values of the command line, and end it with 2. */
function arguedBy<T>(
  command: Command,
  kinds: readonly (typeof Error | typeof TicketError)[],
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && kinds.some((kind) => error instanceof kind)) {
      command.error(`error: ${error.message}`);
    }
    throw error;
  }
}

async function secretKeyFor(options: SecretOptions, command: Command, terminal: Terminal): Promise<string> {
  const { ROOMKEY_SECRET_KEY: fallback } = terminal.env;
  const secretKey = await readSecret(options, terminal);
  if (secretKey !== undefined) return secretKey;
  if (fallback) return secretIn(fallback, 'the variable ROOMKEY_SECRET_KEY');
  return command.error(
    'error: no secret key: set ROOMKEY_SECRET_KEY, or use --secret-file or --secret-stdin',
  );
}

const ticketHelp = 'the ticket; without it, or with -, it is read from standard input';

const examples = `
The secret key comes from the variable ROOMKEY_SECRET_KEY, or from where an option says; never from an argument,
which everybody on the computer could see. A ticket opens a room for whoever has it: give it on standard input
rather than as an argument.

Examples:
  roomkey ticket user-sig --sdk-app-id 1400000001 --user-id alice --secret-file key.txt
  roomkey ticket private-map-key --sdk-app-id 1400000001 --user-id alice --room-id 1001 --permissions audience
  roomkey ticket verify --sdk-app-id 1400000001 --user-id alice --room-id 1001 < ticket.txt
  roomkey ticket inspect < ticket.txt`;
