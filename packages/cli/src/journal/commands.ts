import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  type AdminInput,
  type AdminResult,
  type JournalEntry,
  type JournalKind,
  journalKinds,
} from '@roomkey/protocol';
import type { AdminClient } from '@roomkey/server/admin';
import { type Command, Option } from 'commander';
import { withAdmin } from '../admin/session.ts';
import { addJsonOption, type OperatorOptions } from '../options/operator.ts';
import { addRoomOptions, type RoomOptions, roomIfNamed } from '../options/room.ts';
import { timeOrAgo, wholeNumber } from '../options/values.ts';
import { Output } from '../terminal/output.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { differencesText, findingText, forgedText, goodText, recordsText, unseen } from './text.ts';
import { verifyJournal } from './verification.ts';

interface FilterOptions extends RoomOptions {
  readonly app?: number;
  readonly user?: string;
  readonly kind?: JournalKind[];
  readonly since?: number;
  readonly until?: number;
}

/** Records in one request. */
const PAGE = 500;

/** Adds `roomkey journal …`: what happened, and whether anybody has changed the record of it. */
export function addJournalCommands(program: Command, terminal: Terminal): void {
  const journal = program
    .command('journal')
    .description('the journal: show and export what is on record, and verify that nobody has changed it');

  addJsonOption(addFilterOptions(journal.command('show')))
    .description('show the newest records that fit, the newest last')
    .option('--limit <number>', 'most records to show', wholeNumber, 50)
    .action(async (options: FilterOptions & OperatorOptions & { limit: number }, command: Command) => {
      const { limit, json } = options;
      if (limit < 1 || limit > 10_000) command.error('error: --limit must be from 1 to 10000');
      const records: JournalEntry[] = [];
      const isMore = await withAdmin(terminal, async (admin) => {
        for await (const page of pages(admin, filterFrom(options), 'newest', limit)) {
          records.push(...page.records);
          if (records.length >= limit) return page.next !== undefined;
        }
        return false;
      });
      records.reverse();
      terminal.out(json ? JSON.stringify({ records }) : recordsText(records));
      if (isMore)
        terminal.err('There may be older ones that fit: see --limit and --until, or roomkey journal export.');
    });

  addFilterOptions(journal.command('export'))
    .description('write the records that fit as JSON, one a line, the oldest first')
    .option('--out <file>', 'write them into a new file that only you can read')
    .action(async (options: FilterOptions & { out?: string }) => {
      const progress = new Progress(terminal, 'records');
      let count = 0;
      await withAdmin(terminal, async (admin) => {
        await Output.use(terminal, options.out, async (output) => {
          for await (const { records } of pages(admin, filterFrom(options), 'oldest', PAGE)) {
            await output.lines(records.map((record) => JSON.stringify(record)));
            count += records.length;
            progress.at(count);
          }
        });
      });
      if (options.out !== undefined) terminal.err(`${options.out}: ${count.toLocaleString('en')} records.`);
    });

  addJsonOption(journal.command('verify'))
    .description(
      'find records that were changed, added, left out or cut off, and what they do not lead to; exit code 1 if there is any',
    )
    .option('--anchors <file>', 'anchors that were kept elsewhere, one a line, as in journal.anchors')
    .action(async ({ anchors, json }: { anchors?: string; json?: true }) => {
      if (anchors !== undefined && !existsSync(anchors)) throw new Error(`There is no file ${anchors}.`);
      const files = [await ownAnchors(terminal), ...(anchors === undefined ? [] : [anchors])] as const;
      const progress = new Progress(terminal, 'records');
      const seen = await withAdmin(terminal, (admin) => verifyJournal(admin, files, progress));
      const { finding, differing, forged } = seen;
      const ok = !finding && differing === 0 && forged === 0;
      if (json) terminal.out(JSON.stringify({ ok, ...seen, unseen: unseen(seen) }));
      else if (ok)
        terminal.out(
          [goodText(seen), 'What this cannot see:', ...unseen(seen).map((text) => `- ${text}`)].join('\n'),
        );
      const wrong = [
        ...(finding ? [`the journal is not as it was written. ${findingText(finding)}`] : []),
        ...(differing > 0 ? [differencesText(seen)] : []),
        ...(forged > 0 ? [forgedText(forged)] : []),
      ];
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    });

  addJsonOption(journal.command('accept'))
    .description(
      'put on record that what the database holds is right, where verify says that the records do not lead to it; discard what is forged in the outbox',
    )
    .action(async ({ json }: { json?: true }) => {
      const { accepted } = await withAdmin(terminal, (admin) => admin.call('journal.acceptState', {}));
      const text =
        accepted === 0
          ? 'There is nothing to accept.'
          : `On record as accepted: ${accepted.toLocaleString('en')}.`;
      terminal.out(json ? JSON.stringify({ accepted }) : text);
    });
}

function addFilterOptions(command: Command): Command {
  return addRoomOptions(command.option('--app <sdkAppId>', 'only of this application', wholeNumber))
    .option('--user <user>', 'only of this user')
    .addOption(new Option('--kind <kinds...>', 'only of these kinds').choices(journalKinds))
    .option(
      '--since <time>',
      'only from then on: 2h (ago), unix seconds, or like 2026-01-31T12:00:00Z',
      timeOrAgo,
    )
    .option('--until <time>', 'only from before then', timeOrAgo);
}

function filterFrom({ app, user, kind, since, until, ...room }: FilterOptions) {
  const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  return {
    sdkAppId: app,
    room: roomIfNamed(room),
    userId: user,
    kinds: kind,
    since: milliseconds(since),
    until: milliseconds(until),
  };
}

/** The records that fit, page by page. */
async function* pages(
  admin: AdminClient,
  filter: Omit<AdminInput<'journal.list'>, 'order'>,
  order: 'oldest' | 'newest',
  most: number,
): AsyncGenerator<AdminResult<'journal.list'>> {
  let after: number | undefined;
  do {
    const page = await admin.call('journal.list', { ...filter, order, after, limit: Math.min(most, PAGE) });
    yield page;
    after = page.next;
  } while (after !== undefined);
}

/** Where the server keeps its anchors. */
async function ownAnchors({ env }: Terminal): Promise<string> {
  const { loadConfig } = await import('@roomkey/server/config');
  return path.join(loadConfig(env).dataDir, 'journal.anchors');
}
