/** The data folder: the lock on it, the SQLite database in it, sealed secrets, and what the first start makes. */
export { DataDirectory, type DataDirectoryOptions } from './data-directory.ts';
export { firstRun } from './first-run.ts';
