import type { AdminInput, AdminResult, DayUsageView } from '@roomkey/protocol';
import type { Command } from 'commander';
import { withAdmin } from '../admin/session.ts';
import { addJsonOption, type OperatorOptions } from '../options/operator.ts';
import { addRoomOptions, type RoomOptions, roomIfNamed } from '../options/room.ts';
import { day, wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Prices } from './cost.ts';
import { usageJson, usageText } from './text.ts';

interface UsageOptions extends RoomOptions, OperatorOptions {
  readonly from?: string;
  readonly to?: string;
  readonly app?: number;
}

/** Adds `roomkey usage`: how long members were in rooms, and what that cost. */
export function addUsageCommand(program: Command, terminal: Terminal): void {
  addRoomOptions(
    addJsonOption(program.command('usage'))
      .description(
        'print the minutes of members by day (UTC), application and room: those who may send (core) and all others (outer)',
      )
      .option('--from <day>', 'the first day: like 2026-01-31, or 7d (ago); default 29d', day)
      .option('--to <day>', 'the last day; default today', day)
      .option('--app <sdkAppId>', 'only of this application', wholeNumber),
  ).action(async (options: UsageOptions, command: Command) => {
    const { app, json, from = day('29d'), to = day('0d') } = options;
    const room = roomIfNamed(options);
    if (room && app === undefined)
      command.error('error: name the application of the room with --app; rooms of two can have one name');
    if (from > to) command.error(`error: the first day, ${from}, is behind the last one, ${to}`);
    const { loadConfig } = await import('@roomkey/server/config');
    const { corePrice: core, outerPrice: outer } = loadConfig(terminal.env);
    const prices: Prices | undefined = core > 0 || outer > 0 ? { core, outer } : undefined;
    const rows = await usageRows(terminal, { from, to, sdkAppId: app, room });
    terminal.out(json ? JSON.stringify(usageJson(rows, prices)) : usageText(rows, prices));
  });
}

/** The rows of all pages. */
async function usageRows(
  terminal: Terminal,
  filter: Omit<AdminInput<'usage.list'>, 'after' | 'limit'>,
): Promise<DayUsageView[]> {
  const rows: DayUsageView[] = [];
  await withAdmin(terminal, async (admin) => {
    let after: AdminResult<'usage.list'>['next'];
    do {
      const page = await admin.call('usage.list', { ...filter, after });
      rows.push(...page.rows);
      after = page.next;
    } while (after);
  });
  return rows;
}
