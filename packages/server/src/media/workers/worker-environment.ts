/** What a worker needs of our environment: to find its libraries and programs, and to say errors in a language. */
const NEEDED =
  /^(PATH|HOME|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|LD_.*|DYLD_.*|OPENSSL_.*|MALLOC_.*|(A|L|T|UB)SAN_.*|MEDIASOUP_.*)$/;

/**
 * The environment that a worker gets. Packets from anybody reach a worker, so it holds no secret: neither those of the
 * service's own settings, nor what other programs have left in our environment.
 */
export const workerEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED.test(name)));

/** Runs something that starts a process with `process.env`, and lets it see another one. */
export function withEnvironment<T>(env: NodeJS.ProcessEnv, start: () => T): T {
  const own = process.env;
  process.env = env;
  try {
    return start();
  } finally {
    process.env = own;
  }
}
