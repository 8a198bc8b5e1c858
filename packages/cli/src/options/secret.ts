import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';

/** Where a command line says that a secret key is; never the key itself, which others could see in a list of processes. */
export interface SecretOptions {
  readonly secretFile?: string;
  readonly secretStdin?: true;
  readonly secretEnv?: string;
}

const MOST = 4096;

/** Adds the options that name a place of a secret key; `use` says what it is for. */
export function addSecretOptions(command: Command, use = 'take over the secret key'): Command {
  return command
    .addOption(
      new Option('--secret-file <file>', `${use} in this file`).conflicts(['secretStdin', 'secretEnv']),
    )
    .addOption(new Option('--secret-stdin', `${use} on standard input`).conflicts('secretEnv'))
    .option('--secret-env <name>', `${use} in this environment variable`);
}

/**
 * The secret key that the options name, or undefined when they name none. A line end behind it does not count.
 *
 * @throws {Error} when the place is empty or cannot be read; the text never holds the key
 */
export async function readSecret(options: SecretOptions, terminal: Terminal): Promise<string | undefined> {
  const { secretFile, secretStdin, secretEnv } = options;
  if (secretEnv !== undefined) {
    // Not repeated: whoever gives the key itself here would have it shown.
    if (!/^(?![0-9a-f]{64}$)[A-Za-z_][A-Za-z0-9_]{0,63}$/i.test(secretEnv))
      throw new Error('--secret-env takes the name of a variable, never the key itself.');
    return checked(terminal.env[secretEnv], `the variable ${secretEnv}`);
  }
  if (secretStdin) return checked(await readAll(terminal.stdin), 'standard input');
  if (secretFile === undefined) return undefined;
  return checked(await readNamed(secretFile), 'the file of --secret-file');
}

function checked(text: string | undefined, place: string): string {
  const secret = text?.replace(/\r?\n$/, '');
  if (!secret) throw new Error(`There is no secret key in ${place}.`);
  if (secret.length > MOST) throw new Error(`What is in ${place} is too long for a secret key.`);
  return secret;
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    // Not repeated either: see above.
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`The file of --secret-file cannot be read (${code}).`);
  }
}

async function readAll(stdin: Terminal['stdin']): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    if (text.length > MOST * 2) break;
  }
  return text;
}
