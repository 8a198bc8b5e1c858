import { loadConfig } from './config.ts';
import { createLogger } from './logging.ts';
import { RoomkeyServer } from './server.ts';

/** What the process says to whoever started it, beside its log. */
type Say = (line: string) => void;

/** Any of these stops the service; the last one is what a terminal sends when it is closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs the service until SIGTERM, SIGINT or SIGHUP: members are told, everything is stopped, and the process ends
 * within `stopSeconds`. A second signal ends it at once.
 *
 * @throws {ConfigError | StoreError | MediaStartError | HttpListenError} when the start fails; each says what to do
 *
 * @example
 * ```ts
 * await runServer(process.env, (line) => console.error(line));
 * ```
 */
export async function runServer(env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const config = loadConfig(env);
  const log = createLogger({ level: config.logLevel });
  const server = await RoomkeyServer.start(config, log);
  // Before anybody can know that there is somebody to stop.
  const stopping = nextSignal();
  say(`Roomkey is ready at ${server.url}${config.demo ? ` (demo page: ${server.url}/demo)` : ''}`);
  if (server.firstSecrets) say(`The first secrets are in ${server.firstSecrets}`);
  const signal = await stopping;
  log.info({ signal }, 'stopping');
  void nextSignal().then(() => process.exit(1));
  const late = setTimeout(() => {
    log.error({ seconds: config.stopSeconds }, 'stopping took too long');
    process.exit(1);
  }, config.stopSeconds * 1000);
  late.unref();
  await server.close();
  clearTimeout(late);
}

const nextSignal = (): Promise<string> =>
  new Promise((resolve) => {
    const heard = (signal: string) => {
      for (const one of SIGNALS) process.off(one, heard);
      resolve(signal);
    };
    for (const one of SIGNALS) process.on(one, heard);
  });
