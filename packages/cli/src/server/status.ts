import type { Command } from 'commander';
import { withAdmin } from '../admin/session.ts';
import { textTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds `roomkey status`: what the running server is doing. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('print what the running server is doing')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: true }) => {
      const status = await withAdmin(terminal, (admin) => admin.call('server.status', {}));
      if (json) return terminal.out(JSON.stringify(status));
      const { version, pid, url, startedAt, rooms, members } = status;
      terminal.out(
        textTable([
          ['version', version],
          ['process', String(pid)],
          ['url', url],
          ['started', new Date(startedAt).toISOString()],
          ['rooms', String(rooms)],
          ['members', String(members)],
        ]),
      );
    });
}
