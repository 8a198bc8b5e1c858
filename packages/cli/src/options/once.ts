import type { Command } from 'commander';

/**
 * Refuses an option that is given twice, in a command and all below it. Commander keeps the last value alone: of
 * `--except ana --except eve`, ana would lose what she was to keep. An option that takes a list may come again, and so may one
 * without a value.
 */
export function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.variadic) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: ${option.long} is given twice; give it once`);
      isGiven = true;
    });
  }
  for (const below of command.commands) refuseRepeatedOptions(below);
}
