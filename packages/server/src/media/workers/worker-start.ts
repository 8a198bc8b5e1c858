import { workerBin as packagedWorker, type types } from 'mediasoup';
import { reason } from '../media-error.ts';
import type { MediaLog } from '../media-log.ts';
import type { MediaSettings } from '../media-settings.ts';
import { SentCheck } from './sent-check.ts';
import { checkAddress, checkSrtp } from './srtp-check.ts';
import { isExecutable, type StartedWorker, startWorker } from './worker-session.ts';

/** How each worker is started. */
export type WorkerSettings = Pick<
  MediaSettings,
  'workerBin' | 'listenIp' | 'portBase' | 'tcp' | 'announcedAddress' | 'hangSeconds' | 'workerMemory'
> & {
  readonly log: MediaLog;
};

/** The media plane cannot start; the message says what to do. */
export class MediaStartError extends Error {
  override readonly name = 'MediaStartError';
}

/** What the system has too little of when it starts no process. */
const SHORTAGES = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

const remedy = (error: unknown): string =>
  SHORTAGES.includes((error as NodeJS.ErrnoException).code ?? '')
    ? 'the system has no descriptor, process or memory left for it; raise its limits (ulimit -n, ulimit -u)'
    : 'npm run setup builds one that fits this system';

/** Starts the process of a worker. @throws {MediaStartError} */
export async function startProcess({ workerBin = packagedWorker }: WorkerSettings): Promise<StartedWorker> {
  if (!isExecutable(workerBin))
    throw new MediaStartError(
      `The media worker ${workerBin} is missing or cannot be run. Use "npm start", or set ROOMKEY_WORKER_BIN to the path that "npm run setup" prints.`,
    );
  try {
    return await startWorker({ workerBin, logLevel: 'error' });
  } catch (error) {
    throw new MediaStartError(
      `The media worker ${workerBin} does not start (${reason(error)}): ${remedy(error)}.`,
      { cause: error },
    );
  }
}

/** Makes the worker listen for media: the `index`-th of the workers on the port `index` above the first. @throws {MediaStartError} */
export async function listenForMedia(
  worker: types.Worker,
  index: number,
  { listenIp, portBase, tcp = true, announcedAddress }: WorkerSettings,
): Promise<types.WebRtcServer> {
  const port = portBase ? portBase + index : 0;
  const listen = { ip: listenIp, port, ...(announcedAddress && { announcedAddress }) };
  try {
    return await worker.createWebRtcServer({
      listenInfos: [
        { protocol: 'udp', ...listen },
        ...(tcp ? [{ protocol: 'tcp', ...listen } as const] : []),
      ],
    });
  } catch (error) {
    throw new MediaStartError(
      `Media cannot listen on ${listenIp}${port ? `, UDP and TCP port ${port}` : ''} (${reason(error)}): free it, or choose another with ROOMKEY_MEDIA_PORT.`,
      { cause: error },
    );
  }
}

/** Sends media through the worker's SRTP once, before anybody depends on it. @throws {MediaStartError} */
export async function proveSrtp(worker: types.Worker, settings: WorkerSettings): Promise<void> {
  const { workerBin = packagedWorker, listenIp, portBase } = settings;
  try {
    await checkSrtp(worker, checkAddress(listenIp, portBase));
  } catch (error) {
    throw new MediaStartError(
      `The media worker ${workerBin} cannot encrypt media (${reason(error)}): npm run setup builds one that fits this system.`,
      { cause: error },
    );
  }
}

/** How long packets that are to leave may wait in a worker before it is killed, in ms. */
export const SEND_MS = 5_000;

/** Prepares to ask the worker what has left it, and asks once. @throws {MediaStartError} */
export async function openSentCheck(
  worker: types.Worker,
  server: types.WebRtcServer,
  { listenIp }: WorkerSettings,
): Promise<SentCheck> {
  const { ip } = checkAddress(listenIp);
  try {
    const check = await SentCheck.open(worker, server, ip);
    if (!(await check.hasSent(SEND_MS))) throw new Error('no answer to STUN');
    if (worker.closed) throw new Error('the worker has ended');
    return check;
  } catch (error) {
    throw new MediaStartError(
      `The media worker cannot be reached on its own media port at ${ip} (${reason(error)}): no firewall may keep this computer from itself.`,
      { cause: error },
    );
  }
}
