/** The settings of the server: read from an environment given by the caller, checked, described. */
export { type Config, ConfigError, loadConfig, readTls } from './config/load.ts';
export { masterKeyFrom } from './config/master-key.ts';
export { type ConfigRow, configurationTable, describeConfig } from './config/report.ts';
