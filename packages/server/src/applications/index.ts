/** The applications: their newest state in memory, and every change that an operator can make. */
export { ApplicationDirectory, newSecret } from './directory.ts';
export { journalApplications } from './recorded-changes.ts';
export { DEMO_SDK_APP_ID } from './rules.ts';
