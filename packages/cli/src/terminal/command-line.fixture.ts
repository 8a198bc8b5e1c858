import { Command, CommanderError } from 'commander';
import type { Terminal } from './terminal.ts';

/** What a command line did. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  /** What it was refused with; a usage error is a `CommanderError`. */
  readonly error: unknown;
}

/** Runs a command line in this process, with an environment and a standard input of its own. */
export async function runCommandLine(
  add: readonly ((program: Command, terminal: Terminal) => void)[],
  args: readonly string[],
  { env = {}, stdin = [] }: { env?: NodeJS.ProcessEnv; stdin?: readonly (string | Uint8Array)[] } = {},
): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    env,
    stdin: (async function* () {
      yield* stdin;
    })(),
    out: (text) => void out.push(text),
    flushed: async () => {},
    err: (text) => void err.push(text),
  };
  const program = new Command('roomkey')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void out.push(text), writeErr: (text) => void err.push(text) });
  for (const addTo of add) addTo(program, terminal);
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { out: out.join('\n'), err: err.join('\n'), error };
}

/** Whether an error is one of the command line itself (exit code 2), and not a refusal. */
export const isUsageError = (error: unknown): boolean =>
  error instanceof CommanderError && error.exitCode !== 0;
