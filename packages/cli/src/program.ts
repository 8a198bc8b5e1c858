import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addAppCommands } from './app/commands.ts';
import { addJournalCommands } from './journal/commands.ts';
import { addKeyCommands } from './key/commands.ts';
import { addMemberCommands } from './member/commands.ts';
import { refuseRepeatedOptions } from './options/once.ts';
import { addRevokeCommands } from './revoke/commands.ts';
import { addRoomCommands } from './room/commands.ts';
import { addConfigCommand } from './server/config.ts';
import { addServeCommand } from './server/serve.ts';
import { addStatusCommand } from './server/status.ts';
import type { Terminal } from './terminal/terminal.ts';
import { addTicketCommands } from './ticket/commands.ts';
import { addUsageCommand } from './usage/commands.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Every command, in the order of the help. Each loads what is heavy only when it runs. */
const additions = [
  addServeCommand,
  addConfigCommand,
  addStatusCommand,
  addAppCommands,
  addRoomCommands,
  addMemberCommands,
  addRevokeCommands,
  addJournalCommands,
  addUsageCommand,
  addKeyCommands,
  addTicketCommands,
];

/**
 * Runs one command line and resolves with the exit code: 0 when it did what it was asked, 1 when it was refused or
 * failed, 2 when the command line itself is wrong. Never rejects.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  /** The help, or the version. */
  const shown: string[] = [];
  const program = new Command('roomkey')
    .description('Live audio and video rooms that open only with a key.')
    .version(version)
    .showHelpAfterError('(--help tells more. A user id that begins with "-" goes behind "--".)')
    // Behind a command, -V and -h can be meant as a user id.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shown.push(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      // What stands behind an unknown option may be a secret.
      outputError: (text, write) => write(text.replace(/(unknown option '-[^'=]*)=[^']*'/, "$1'")),
    });
  for (const add of additions) add(program, terminal);
  refuseRepeatedOptions(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) return 2;
      if (!asksOnlyForHelp(program, args)) {
        terminal.err(
          'error: nothing was done: --help or --version stands beside other arguments.\n' +
            'A user id that begins with "-" goes behind "--".',
        );
        return 2;
      }
      for (const text of shown) terminal.out(text);
      return 0;
    }
    terminal.err(`roomkey: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** Whether the arguments name a command and nothing but its help, or the version. */
function asksOnlyForHelp(program: Command, args: readonly string[]): boolean {
  let command = program;
  for (const arg of args) {
    if (arg === '-h' || arg === '--help') continue;
    if (command === program && (arg === '-V' || arg === '--version')) continue;
    if (arg === 'help' && command.commands.length > 0) continue;
    const named = command.commands.find((each) => each.name() === arg);
    if (!named) return false;
    command = named;
  }
  return true;
}
