import { createReadStream } from 'node:fs';
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
 * The secret key that the options name, or undefined when they name none. One line end behind it does not count.
 *
 * @throws {Error} when the place is empty, cannot be read, or holds more than a key; the text never holds the key
 */
export async function readSecret(options: SecretOptions, terminal: Terminal): Promise<string | undefined> {
  const { secretFile, secretStdin, secretEnv } = options;
  if (secretEnv !== undefined) {
    // Not repeated: whoever gives the key itself here would have it shown.
    if (!/^(?![0-9a-f]{64}$)[A-Za-z_][A-Za-z0-9_]{0,63}$/i.test(secretEnv))
      throw new Error('--secret-env takes the name of a variable, never the key itself.');
    return secretIn(terminal.env[secretEnv], `the variable ${secretEnv}`);
  }
  if (secretStdin) return secretIn(await readAll(terminal.stdin), 'standard input');
  if (secretFile === undefined) return undefined;
  return secretIn(await readNamed(secretFile), 'the file of --secret-file');
}

/**
 * The one secret key in a text, as every command takes it. `place` says in an error where the text is from.
 *
 * @throws {Error} when there is none, or more than one line of visible ASCII characters
 */
export function secretIn(text: string | undefined, place: string): string {
  const secret = text?.replace(/\r?\n$/, '');
  if (!secret) throw new Error(`There is no secret key in ${place}.`);
  if (secret.length > MOST) throw new Error(`What is in ${place} is too long for a secret key.`);
  if (/^\ufeff|[\0\ufffd]/.test(secret))
    throw new Error(`What is in ${place} is no plain text: save it as UTF-8 without a byte order mark.`);
  if (!/^(?! )[\x20-\x7e]+(?<! )$/.test(secret))
    throw new Error(
      `What is in ${place} is no secret key: it must be one line of visible ASCII characters, without blanks around it.`,
    );
  return secret;
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readAll(createReadStream(file));
  } catch (cause) {
    // Not repeated either: see above.
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`The file of --secret-file cannot be read (${code}).`);
  }
}

/** What comes, as far as it can be a secret key: it may have no end. */
async function readAll(source: Terminal['stdin']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST * 2) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
