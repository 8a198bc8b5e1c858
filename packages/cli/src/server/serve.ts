import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds `roomkey serve`: the server, until SIGTERM, SIGINT or SIGHUP. */
export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run the server; its settings are environment variables (see: roomkey config)')
    .action(async () => {
      const { runServer } = await import('@roomkey/server');
      await runServer(terminal.env, (line) => terminal.err(line));
    });
}
