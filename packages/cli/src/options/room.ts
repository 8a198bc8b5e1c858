import type { RoomRef } from '@roomkey/protocol';
import { type Command, Option } from 'commander';
import { wholeNumber } from './values.ts';

/** A room as the command line names it. */
export interface RoomOptions {
  readonly roomId?: number;
  readonly strRoomId?: string;
}

/** Adds the two ways to name a room. */
export function addRoomOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--room-id <number>', 'the room with this numeric id')
        .argParser(wholeNumber)
        .conflicts('strRoomId'),
    )
    .option('--str-room-id <text>', 'the room with this string id (123 and "123" are two rooms)');
}

/** The room that the options name, if any. */
export function roomIfNamed({ roomId, strRoomId }: RoomOptions): RoomRef | undefined {
  if (roomId !== undefined) return { roomId };
  return strRoomId === undefined ? undefined : { strRoomId };
}

/** The room that the options name; ends the command with a usage error when they name none. */
export const roomFrom = (options: RoomOptions, command: Command): RoomRef =>
  roomIfNamed(options) ?? command.error('error: name a room with --room-id or --str-room-id');
