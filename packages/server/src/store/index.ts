/** The data folder: its lock, its database, its master key, and what a new one begins with. */
export { DataDirectory } from './data-directory.ts';
export { firstRun } from './first-run.ts';
