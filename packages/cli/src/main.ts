import { run } from './program.ts';
import { processTerminal } from './terminal/terminal.ts';

// Whoever reads the result may have read enough, like `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE')
    process.stderr.write(`roomkey: The result cannot be written (${error.code}).\n`);
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), processTerminal);
