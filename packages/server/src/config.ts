/** The settings of the server: read from an environment given by the caller, checked, described. */
export { readTls } from './config/files.ts';
export { type Config, ConfigError, loadConfig } from './config/load.ts';
export { masterKeyFrom } from './config/master-key.ts';
export { type ConfigRow, configurationTable, describeConfig } from './config/report.ts';
export { checkFiles } from './file-check.ts';
