/** Set-up itself reads this one. */
const READ_BY_SET_UP = 'ROOMKEY_WORKER_BIN';

/**
 * Takes the settings of the service out of an environment, by default that of this process, so that no program which set-up
 * and build start inherits a secret. Returns what it was before, for the service.
 */
export function takeServiceEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const whole = { ...env };
  for (const name of Object.keys(whole))
    if (name.startsWith('ROOMKEY_') && name !== READ_BY_SET_UP) delete env[name];
  return whole;
}
