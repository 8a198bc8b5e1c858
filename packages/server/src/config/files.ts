import { accessSync, constants, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Config, ConfigError } from './load.ts';

/**
 * The certificate and key that the settings name, or undefined when TLS is not configured.
 *
 * @throws {ConfigError} naming each variable whose file cannot be read, or both when they do not fit together
 *
 * @example
 * ```ts
 * readTls(loadConfig({})); // undefined
 * ```
 */
export function readTls(config: Config): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (config.tlsCert === undefined || config.tlsKey === undefined) return undefined;
  const problems: string[] = [];
  const cert = readNamed('ROOMKEY_TLS_CERT', config.tlsCert, problems);
  const key = readNamed('ROOMKEY_TLS_KEY', config.tlsKey, problems);
  if (!cert || !key) throw new ConfigError(problems);
  const pair = { cert, key };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const problem =
      'ROOMKEY_TLS_CERT and ROOMKEY_TLS_KEY are no certificate and private key (PEM) that fit together.';
    throw new ConfigError([problem], { cause });
  }
  return pair;
}

function readNamed(variable: string, file: string, problems: string[]): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'an error';
    problems.push(`${variable} names ${file}, which cannot be read (${reason}).`);
    return undefined;
  }
}

/** What is wrong with the certificate and its key, and with the media worker. */
export function problemsWithFiles(config: Config): readonly string[] {
  const problems: string[] = [];
  try {
    readTls(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  const { workerBin } = config;
  if (workerBin !== undefined)
    problems.push(...problemsWith('ROOMKEY_WORKER_BIN', workerBin, 'file', constants.X_OK, 'be executed'));
  return problems;
}

/**
 * What is wrong with the data folder itself, for a program that writes it. One that is not there yet is made by the first start, in a
 * folder that has to be there.
 */
export function problemsWithFolder({ dataDir }: Config): readonly string[] {
  const { R_OK, W_OK, X_OK } = constants;
  if (existsSync(dataDir)) {
    const mode = R_OK | W_OK | X_OK;
    const problems = problemsWith('ROOMKEY_DATA_DIR', dataDir, 'folder', mode, 'be read and written');
    return problems.length > 0 ? problems : exposed(dataDir);
  }
  if (isLink(dataDir))
    return [`ROOMKEY_DATA_DIR names ${dataDir}, a symbolic link to a folder that is not there.`];
  const deed = `be written, to make ${dataDir}`;
  return problemsWith('ROOMKEY_DATA_DIR', dirname(dataDir), 'folder', W_OK | X_OK, deed);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** What the server keeps in the data folder and writes at every start; with what SQLite puts beside its databases. */
const WRITTEN = /^((roomkey|journal|lock)\.db(-wal|-shm|-journal)?|journal\.anchors)$/;

/** What is wrong with the files that are in the data folder: for example that another user, who ran a command there, has made them. */
export function problemsWithinFolder({ dataDir }: Config): readonly string[] {
  if (!existsSync(dataDir)) return [];
  const mode = constants.R_OK | constants.W_OK;
  return readdirSync(dataDir)
    .filter((name) => WRITTEN.test(name))
    .flatMap((name) =>
      problemsWith('ROOMKEY_DATA_DIR', join(dataDir, name), 'file', mode, 'be read and written'),
    );
}

/** The start makes an empty folder private, and refuses another one that others may read. */
function exposed(folder: string): readonly string[] {
  const isExposed = (statSync(folder).mode & 0o077) !== 0 && readdirSync(folder).length > 0;
  return isExposed
    ? [`ROOMKEY_DATA_DIR names ${folder}, which others may read. Run: chmod 700 ${folder}`]
    : [];
}

function problemsWith(
  variable: string,
  path: string,
  sort: 'file' | 'folder',
  mode: number,
  deed: string,
): readonly string[] {
  try {
    const stat = statSync(path);
    if (sort === 'folder' ? !stat.isDirectory() : !stat.isFile())
      return [`${variable} names ${path}, which is no ${sort}.`];
    accessSync(path, mode);
    return [];
  } catch (error) {
    return [`${variable} names ${path}, which cannot ${deed} (${(error as NodeJS.ErrnoException).code}).`];
  }
}
