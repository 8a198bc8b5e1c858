import type { AdminInput, AdminResult } from '@roomkey/protocol';
import { type Command, Option } from 'commander';
import { allPages } from '../admin/pages.ts';
import { withAdmin } from '../admin/session.ts';
import {
  addJsonOption,
  addOperatorOptions,
  type OperatorOptions,
  sdkAppIdArgument,
} from '../options/operator.ts';
import { permissionBits } from '../options/permissions.ts';
import { addRoomOptions, type RoomOptions, roomFrom, roomIfNamed } from '../options/room.ts';
import { addUserArgument, addUsersArgument } from '../options/user.ts';
import { duration, names, versions } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { bansText, denialsText, memberShowText } from './text.ts';

type Users = AdminInput<'member.setDenied'>['users'];

interface DenialOptions extends RoomOptions, OperatorOptions {
  readonly bits: number;
  readonly users?: string;
  readonly except?: string[];
  readonly expectVersion?: AdminInput<'member.setDenied'>['expectedVersion'];
  readonly for?: number;
}

/** Everybody inside. It can be no user id: so no user ids, whatever they are, mean everybody where they are read as options. */
const EVERYBODY = '@all';

const forOption = () =>
  new Option('--for <time>', 'how long: 90s, 30m, 2h, 7d (default: a day)').argParser(duration);

/** Adds `roomkey member …`: what operators take from users and give back to them. */
export function addMemberCommands(program: Command, terminal: Terminal): void {
  const member = program
    .command('member')
    .description('members: show what one may do, take permissions away and give them back, put members out');

  addUserArgument(addJsonOption(addRoomOptions(member.command('show').addArgument(sdkAppIdArgument()))))
    .description('show what a member may do, and by whom, why and since when it may not do the rest')
    .action(
      async (sdkAppId: number, userId: string, options: RoomOptions & OperatorOptions, command: Command) => {
        const asked = { sdkAppId, room: roomFrom(options, command), userId };
        const shown = await withAdmin(terminal, (admin) => admin.call('member.show', asked));
        terminal.out(options.json ? JSON.stringify(shown) : memberShowText(shown));
      },
    );

  addDenialCommand(member, terminal, 'deny');
  addDenialCommand(member, terminal, 'allow');

  addJsonOption(member.command('denials').addArgument(sdkAppIdArgument()))
    .description('list what operators have taken away')
    .action(async (sdkAppId: number, { json }: OperatorOptions) => {
      const denials = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('member.listDenials', { sdkAppId, after, limit: 1000 });
          return { rows: page.denials, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ denials }) : denialsText(denials));
    });

  const kick = addRoomOptions(member.command('kick').addArgument(sdkAppIdArgument()));
  addUsersArgument(addOperatorOptions(kick), '<users...>', 'the users')
    .description('put members out of a room; they may come back')
    .action(
      async (
        sdkAppId: number,
        userIds: string[],
        options: RoomOptions & OperatorOptions,
        command: Command,
      ) => {
        const { cause, json } = options;
        const asked = { sdkAppId, room: roomFrom(options, command), userIds, cause };
        const answer = await withAdmin(terminal, (admin) => admin.call('member.kick', asked));
        terminal.out(json ? JSON.stringify(answer) : `Put out: ${answer.userIds.join(', ')}.`);
        const others = userIds.filter((userId) => !answer.userIds.includes(userId));
        if (others.length > 0) terminal.err(`Not inside: ${others.join(', ')}.`);
      },
    );

  addBanCommands(member, terminal);
}

function addDenialCommand(member: Command, terminal: Terminal, name: 'deny' | 'allow'): void {
  const room = addRoomOptions(member.command(name).addArgument(sdkAppIdArgument()));
  const withCause =
    name === 'deny'
      ? addOperatorOptions(room, 'a short reason, which the member can read')
      : addOperatorOptions(room);
  const command = addUsersArgument(withCause, '[users...]', 'the users, inside the room or not')
    .description(
      name === 'deny'
        ? 'take permissions from users in a room, for some time'
        : 'give permissions back that were denied; nobody gets more than the ticket holds',
    )
    .requiredOption('--bits <permissions>', 'which permissions, like sendAudio,sendVideo', permissionBits)
    .addOption(new Option('--users <who>', 'everybody who is inside').choices([EVERYBODY]))
    .option('--except <users>', `with --users ${EVERYBODY}: but these, with commas between`, names)
    .option(
      '--expect-version <version>',
      'only if this is the version of what is denied; of several users like ana=3,bob=0',
      versions,
    );
  if (name === 'deny') command.addOption(forOption());
  command.action(async (sdkAppId: number, userIds: string[], options: DenialOptions) => {
    const { bits: mask, cause, expectVersion: expectedVersion, for: seconds, json } = options;
    const room = roomFrom(options, command);
    const users = usersFrom(userIds, options, command);
    const value = name === 'deny' ? mask : 0;
    const asked = { sdkAppId, room, users, mask, value, expectedVersion, seconds, cause };
    const answer = await withAdmin(terminal, (admin) => admin.call('member.setDenied', asked));
    terminal.out(json ? JSON.stringify(answer) : changedText(answer));
  });
}

function usersFrom(userIds: string[], { users, except }: DenialOptions, command: Command): Users {
  if (userIds.length > 0 === (users !== undefined))
    return command.error(`error: name users, or give --users ${EVERYBODY}`);
  if (users === undefined)
    return except ? command.error(`error: --except needs --users ${EVERYBODY}`) : { only: userIds };
  return except ? { except } : 'all';
}

function changedText({ changed, denials }: AdminResult<'member.setDenied'>): string {
  const more = changed - denials.length;
  return [
    changed === 0 ? 'Nothing was to be changed.' : denialsText(denials),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n');
}

interface BanOptions extends RoomOptions, OperatorOptions {
  readonly for?: number;
}

function addBanCommands(member: Command, terminal: Terminal): void {
  addUserArgument(addOperatorOptions(addRoomOptions(member.command('ban').addArgument(sdkAppIdArgument()))))
    .description(
      'put a user out and let it in no more for some time; without a room, in the whole application',
    )
    .addOption(forOption())
    .action(async (sdkAppId: number, userId: string, options: BanOptions) => {
      const { cause, for: seconds, json } = options;
      const asked = { sdkAppId, userId, room: roomIfNamed(options), seconds, cause };
      const answer = await withAdmin(terminal, (admin) => admin.call('member.ban', asked));
      terminal.out(json ? JSON.stringify(answer) : bansText([answer.ban]));
    });

  addUserArgument(addOperatorOptions(addRoomOptions(member.command('unban').addArgument(sdkAppIdArgument()))))
    .description('lift the ban of a room, or without one that of the application')
    .action(async (sdkAppId: number, userId: string, options: BanOptions) => {
      const { cause, json } = options;
      const asked = { sdkAppId, userId, room: roomIfNamed(options), cause };
      const answer = await withAdmin(terminal, (admin) => admin.call('member.unban', asked));
      terminal.out(json ? JSON.stringify(answer) : 'The ban is lifted.');
    });

  addJsonOption(member.command('bans').addArgument(sdkAppIdArgument()))
    .description('list the bans')
    .action(async (sdkAppId: number, { json }: OperatorOptions) => {
      const bans = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('member.listBans', { sdkAppId, after, limit: 1000 });
          return { rows: page.bans, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ bans }) : bansText(bans));
    });
}
