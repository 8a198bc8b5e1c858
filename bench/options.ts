import { parseArgs } from 'node:util';

/**
 * Reads the command line of a bench: numbers by name (each with its default), `--json`, `--help`.
 * Prints the help, or what was wrong, and ends the process when there is nothing to measure.
 */
export function readOptions<K extends string>(help: string, defaults: Record<K, number>): Record<K, number> {
  const names = Object.keys(defaults) as K[];
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
  } as const;
  try {
    const values: Record<string, unknown> = parseArgs({ options }).values;
    if (values['help']) {
      console.log(help);
      process.exit(0);
    }
    const chosen = names.map((name) => [name, number(name, values[name] ?? defaults[name])]);
    return Object.fromEntries(chosen) as Record<K, number>;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

/** Says on standard error what is being done; standard output is for the figures. */
export function progress(text: string): void {
  console.error(text);
}

function number(name: string, text: unknown): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1 on.`);
  return value;
}
