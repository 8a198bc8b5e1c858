import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Config, ConfigError } from './load.ts';

/**
 * The certificate and key that the settings name, or undefined when TLS is not configured.
 *
 * @throws {ConfigError} naming the variable whose file cannot be read, or both when they do not fit together
 */
export function readTls(config: Config): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (config.tlsCert === undefined || config.tlsKey === undefined) return undefined;
  const pair = {
    cert: readNamed('ROOMKEY_TLS_CERT', config.tlsCert),
    key: readNamed('ROOMKEY_TLS_KEY', config.tlsKey),
  };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const problem =
      'ROOMKEY_TLS_CERT and ROOMKEY_TLS_KEY are no certificate and private key (PEM) that fit together.';
    throw new ConfigError([problem], { cause });
  }
  return pair;
}

function readNamed(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'an error';
    throw new ConfigError([`${variable} names ${file}, which cannot be read (${reason}).`], { cause });
  }
}

/**
 * Looks at every file that the settings name, as the start would: whether it is there, and can be used. A data folder that is not there
 * yet is made by the first start, in a folder that has to be there.
 *
 * @throws {ConfigError} with all problems at once
 */
export function checkFiles(config: Config): void {
  const problems: string[] = [];
  try {
    readTls(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  const { dataDir, workerBin } = config;
  const { R_OK, W_OK, X_OK } = constants;
  if (existsSync(dataDir)) {
    const found = problemsWith(
      'ROOMKEY_DATA_DIR',
      dataDir,
      'folder',
      R_OK | W_OK | X_OK,
      'be read and written',
    );
    problems.push(...(found.length > 0 ? found : exposed(dataDir)));
  } else {
    const deed = `be written, to make ${dataDir}`;
    problems.push(...problemsWith('ROOMKEY_DATA_DIR', dirname(dataDir), 'folder', W_OK | X_OK, deed));
  }
  if (workerBin !== undefined)
    problems.push(...problemsWith('ROOMKEY_WORKER_BIN', workerBin, 'file', X_OK, 'be executed'));
  if (problems.length > 0) throw new ConfigError(problems);
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
