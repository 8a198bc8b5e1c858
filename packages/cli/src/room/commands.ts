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
import { wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { roomListText, roomShowText, type ShownRoom } from './text.ts';

/** Adds `roomkey room …`: what is going on in the rooms of the running server. */
export function addRoomCommands(program: Command, terminal: Terminal): void {
  const room = program
    .command('room')
    .description('rooms of the running server: list, show and dismiss them');

  addJsonOption(room.command('list').argument('[sdkAppId]', 'only those of this application', wholeNumber))
    .description('list the rooms')
    .action(async (sdkAppId: number | undefined, { json }: OperatorOptions) => {
      const rooms = await withAdmin(terminal, (admin) =>
        allPages(async (after) => {
          const page = await admin.call('room.list', { sdkAppId, after, limit: 1000 });
          return { rows: page.rooms, next: page.next };
        }),
      );
      terminal.out(json ? JSON.stringify({ rooms }) : roomListText(rooms));
    });

  addJsonOption(addRoomOptions(room.command('show').addArgument(sdkAppIdArgument())))
    .description('show who is in a room, what each may do, and why')
    .action(async (sdkAppId: number, options: RoomOptions & OperatorOptions, command: Command) => {
      const ref = roomFrom(options, command);
      const shown = await withAdmin(terminal, async (admin): Promise<ShownRoom> => {
        const first = await admin.call('room.show', { sdkAppId, room: ref, limit: 1000 });
        const rest =
          first.next === undefined
            ? []
            : await allPages(async (after = first.next) => {
                const page = await admin.call('room.show', { sdkAppId, room: ref, after, limit: 1000 });
                return { rows: page.members, next: page.next };
              });
        return { room: first.room, members: [...first.members, ...rest] };
      });
      terminal.out(options.json ? JSON.stringify(shown) : roomShowText(shown));
    });

  addOperatorOptions(addRoomOptions(room.command('dismiss').addArgument(sdkAppIdArgument())))
    .description('send everybody out of a room and end it')
    .action(async (sdkAppId: number, options: RoomOptions & OperatorOptions, command: Command) => {
      const { cause, json } = options;
      const asked = { sdkAppId, room: roomFrom(options, command), cause };
      const answer = await withAdmin(terminal, (admin) => admin.call('room.dismiss', asked));
      terminal.out(json ? JSON.stringify(answer) : `The room is dismissed; members: ${answer.members}.`);
    });
}
