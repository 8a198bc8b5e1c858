import type { Command } from 'commander';
import { textTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds `roomkey config`: what the environment makes of the settings. */
export function addConfigCommand(program: Command, terminal: Terminal): void {
  program
    .command('config')
    .description('check the settings and the files that they name, and print them; secrets are hidden')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: true }) => {
      const { checkFiles, describeConfig, loadConfig } = await import('@roomkey/server/config');
      checkFiles(loadConfig(terminal.env));
      const rows = describeConfig(terminal.env);
      const byVariable = rows.map(({ variable, ...rest }) => [variable, rest] as const);
      if (json) return terminal.out(JSON.stringify(Object.fromEntries(byVariable), null, 2));
      const switches = (value: boolean): string => (value ? 'on' : 'off');
      terminal.out(
        textTable([
          ['VARIABLE', 'VALUE', 'FROM'],
          ...rows.map(({ variable, value, source }) => [
            variable,
            value === null ? '-' : typeof value === 'boolean' ? switches(value) : String(value),
            source,
          ]),
        ]),
      );
    });
}
