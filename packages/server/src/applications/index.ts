/** The applications: their newest state in memory, and every change that an operator can make. */
export { ApplicationDirectory } from './directory.ts';
export { newSecret } from './new-key.ts';
export { DEMO_SDK_APP_ID } from './rules.ts';
