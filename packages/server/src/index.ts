/** The room server as one object, and as a process. */
export { type Config, ConfigError, configurationTable, describeConfig, loadConfig } from './config.ts';
export { runServer } from './run.ts';
export { RoomkeyServer } from './server.ts';
