import { parseArgs } from 'node:util';

/** Options by name, each with its default, which also says what it is: a number, a text or a flag. */
type Defaults = Readonly<Record<string, number | string | boolean>>;

type Chosen<D extends Defaults> = {
  readonly [N in keyof D]: D[N] extends number ? number : D[N] extends string ? string : boolean;
};

/**
 * Reads the command line of a bench: the options given, `--json`, `--help`.
 * Prints the help, or what was wrong, and ends the process when there is nothing to measure.
 */
export function readOptions<D extends Defaults>(help: string, defaults: D): Chosen<D> {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    ...Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => {
        const type = typeof value === 'boolean' ? 'boolean' : 'string';
        return [name, { type } as const];
      }),
    ),
  } as const;
  try {
    const values: Record<string, unknown> = parseArgs({ options }).values;
    if (values['help']) {
      console.log(help);
      process.exit(0);
    }
    const chosen = Object.entries(defaults).map(([name, value]) => {
      const given = values[name] ?? value;
      return [name, typeof value === 'number' ? number(name, given) : given];
    });
    return Object.fromEntries(chosen) as Chosen<D>;
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
