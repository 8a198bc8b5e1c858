import type { AdminInput } from '@roomkey/protocol';
import type { Command } from 'commander';
import { allPages } from '../admin/pages.ts';
import { withAdmin } from '../admin/session.ts';
import {
  addJsonOption,
  addOperatorOptions,
  type OperatorOptions,
  sdkAppIdArgument,
} from '../options/operator.ts';
import { addRoomOptions, type RoomOptions, roomFrom } from '../options/room.ts';
import { addUserArgument } from '../options/user.ts';
import { pointInTime } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { revocationsText } from './text.ts';

interface RevokeOptions extends OperatorOptions {
  readonly before?: number;
}

/** Adds `roomkey revoke …`, which revokes tickets and puts out the members who are inside with one. */
export function addRevokeCommands(program: Command, terminal: Terminal): void {
  const revoke = program
    .command('revoke')
    .description(
      'revoke the tickets that were signed until now; members who are inside with one are put out',
    );
  const add = (name: string): Command =>
    addOperatorOptions(revoke.command(name).addArgument(sdkAppIdArgument())).option(
      '--before <time>',
      'the last second of their signing, never in the future: unix seconds, or like 2026-01-31T12:00:00Z (default: now)',
      pointInTime,
    );
  const run = async (
    sdkAppId: number,
    tickets: AdminInput<'tickets.revoke'>['tickets'],
    { before, cause, json }: RevokeOptions,
  ): Promise<void> => {
    const asked = { sdkAppId, tickets, before, cause };
    const answer = await withAdmin(terminal, (admin) => admin.call('tickets.revoke', asked));
    terminal.out(json ? JSON.stringify(answer) : revocationsText([answer.revocation]));
  };

  addUserArgument(add('user'))
    .description('void the UserSigs and PrivateMapKeys of a user')
    .action((sdkAppId: number, userId: string, options: RevokeOptions) => run(sdkAppId, { userId }, options));

  addRoomOptions(add('room'))
    .description('void the PrivateMapKeys for a room')
    .action((sdkAppId: number, options: RoomOptions & RevokeOptions, command: Command) =>
      run(sdkAppId, { room: roomFrom(options, command) }, options),
    );

  add('application')
    .description('void every ticket of an application')
    .action((sdkAppId: number, options: RevokeOptions) => run(sdkAppId, 'application', options));

  addJsonOption(revoke.command('list').addArgument(sdkAppIdArgument()))
    .description('list what was revoked')
    .action(async (sdkAppId: number, { json }: OperatorOptions) => {
      const revocations = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('tickets.listRevocations', { sdkAppId, after, limit: 1000 });
          return { rows: page.revocations, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ revocations }) : revocationsText(revocations));
    });
}
