/** The data folder: its lock, its database, its master key, and what a new one begins with. */
export { DataDirectory } from './data-directory.ts';
export { firstRun } from './first-run.ts';
export type { JournalEvents } from './journal/events.ts';
export type { JournalReader } from './journal/reader.ts';
export type { StateCheck } from './journal/state-check.ts';
export { rotateMasterKey } from './key-rotation.ts';
