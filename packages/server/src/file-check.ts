import path from 'node:path';
import { isSocketThere, socketPath } from './admin/socket-path.ts';
import { problemsWithFiles, problemsWithFolder, problemsWithinFolder } from './config/files.ts';
import { type Config, ConfigError } from './config/load.ts';
import { requireDatabase } from './store/database-file.ts';
import { readMasterKey } from './store/master-key.ts';

/**
 * Looks at every file that the settings name, as the start would: whether it is there, and can be used. What is in the database is not
 * looked at.
 *
 * @throws {ConfigError} with all problems at once
 *
 * @example
 * ```ts
 * checkFiles(loadConfig(process.env));
 * ```
 */
export function checkFiles(config: Config): void {
  const folder = problemsWithFolder(config);
  const problems = [
    ...problemsWithFiles(config),
    ...folder,
    ...(folder.length > 0 ? [] : problemsInside(config)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What is wrong with what is in the data folder, or will be. */
function problemsInside(config: Config): readonly string[] {
  const { dataDir, masterKey } = config;
  const keyFile = path.join(dataDir, 'master.key');
  const checks = [
    () => isSocketThere(socketPath(dataDir)),
    () => requireDatabase(path.join(dataDir, 'roomkey.db'), keyFile),
    () => masterKey ?? readMasterKey(keyFile),
  ];
  const problems = checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  return [...problems, ...problemsWithinFolder(config)];
}
