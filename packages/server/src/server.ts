import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { systemActor } from '@roomkey/tickets/permissions';
import type { Logger } from 'pino';
import { AdminServer } from './admin/index.ts';
import { type ApplicationDirectory, DEMO_SDK_APP_ID } from './applications/index.ts';
import { TrustedProxies } from './client-address.ts';
import { type Config, readTls } from './config.ts';
import { Core } from './core.ts';
import { descriptorLimit } from './descriptors.ts';
import { toEachListener } from './event-listeners.ts';
import { EventLoopShare } from './event-loop-share.ts';
import { createMetrics, HttpServer, planSockets } from './http/index.ts';
import { createLogger, logEvents, logFaults, logMedia, logMediaFailures } from './logging.ts';
import { MediasoupPlane } from './media/index.ts';
import { type PortWrappers, wrapped } from './port-wrappers.ts';
import { RecordBudget, RoomHome } from './rooms/index.ts';
import { SignalingEdge, signalingPath } from './signaling/index.ts';
import { DataDirectory, firstRun, type JournalEvents } from './store/index.ts';
import { systemClock } from './system-clock.ts';
import { type UsageEvents, UsageMeter } from './usage/index.ts';
import { serverName } from './version.ts';

/** Undone in reverse, whatever fails on the way. */
type Undo = () => unknown;

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The whole service: built here, started in order, stopped in reverse. */
export class RoomkeyServer {
  /** Where the server is reached on its own computer, like `http://localhost:8080`. */
  readonly url: string;
  /** The file with the first secrets, as long as nobody has taken it away. */
  readonly firstSecrets: string | undefined;
  readonly #undo: Undo[];
  readonly #log: Logger;
  #closing: Promise<void> | undefined;

  private constructor(url: string, firstSecrets: string | undefined, log: Logger, undo: Undo[]) {
    this.url = url;
    this.firstSecrets = firstSecrets;
    this.#log = log;
    this.#undo = undo;
  }

  /**
   * Starts everything; resolves when members can enter. What was started before a failure is stopped again.
   * `wrappers` are for proofs alone.
   *
   * @throws {ConfigError | StoreError | MediaStartError | HttpListenError} that says what to do
   *
   * @example
   * ```ts
   * const server = await RoomkeyServer.start(loadConfig(process.env));
   * console.log(server.url);
   * await server.close();
   * ```
   */
  static async start(
    config: Config,
    log: Logger = createLogger({ level: config.logLevel }),
    wrappers: PortWrappers = {},
  ): Promise<RoomkeyServer> {
    const undo: Undo[] = [];
    try {
      const { url, firstSecrets } = await build(config, log, wrappers, undo);
      log.info({ url, demo: config.demo }, 'server ready');
      return new RoomkeyServer(url, firstSecrets, log, undo);
    } catch (error) {
      await unwind(undo, log);
      throw error;
    }
  }

  /** Tells the members, then stops everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= unwind(this.#undo, this.#log);
    return this.#closing;
  }
}

async function build(
  config: Config,
  log: Logger,
  wrappers: PortWrappers,
  undo: Undo[],
): Promise<{ url: string; firstSecrets: string | undefined }> {
  const clock = systemClock;
  const share = new EventLoopShare();
  const tls = readTls(config);
  const { dataDir: folder, masterKey } = config;
  const data = await DataDirectory.open({
    folder,
    masterKey,
    create: true,
    waitMs: 2000,
    share,
    journal: {
      days: config.journalDays,
      maxBytes: config.journalMaxMegabytes * 1_048_576,
      events: logJournal(log),
    },
  });
  undo.push(() => data.close());
  const { journal } = data;
  const note = (kind: 'started' | 'stopped') =>
    journal.append({
      at: clock.now(),
      kind,
      actor: systemActor,
      cause: kind,
      details: { version: serverName },
    });
  undo.push(() => note('stopped'));
  note('started');
  const limits = { ofUser: config.journalUserRecords, ofApplication: config.journalApplicationRecords };
  const budget = new RecordBudget(journal, limits, clock);
  undo.push(() => budget.close());
  const core = await Core.open(data, clock, share);
  const { applications, restrictions } = core;
  const fault = logFaults(log, clock);
  const metrics = createMetrics();
  undo.push(() => metrics.stop());
  const usage = new UsageMeter({
    store: data.usage,
    clock,
    share,
    days: config.usageDays,
    knownTime: journal.knownTime,
    events: logUsage(log),
  });
  undo.push(() => usage.close());
  const heard = toEachListener([metrics.heard, logEvents(log, applications), usage.heard], fault);
  applications.onChange(({ actor, action, to, room, application: { sdkAppId } }) =>
    heard({ kind: 'applicationChanged', actor, action, sdkAppId, to, room, at: clock.now() }),
  );
  const firstSecrets = await firstRun(applications, { folder, demo: config.demo });
  // It reads the database now, when nobody is here yet, and the records meanwhile.
  const examined = data
    .examine()
    .catch((err) => log.error({ err }, 'the journal could not be held against the database'));
  undo.push(() => examined);

  const plane = await MediasoupPlane.create({
    workerBin: config.workerBin,
    workers: config.workers,
    listenIp: config.mediaListenIp,
    portBase: config.mediaPort,
    tcp: config.mediaTcp,
    announcedAddress: config.announcedAddress,
    audioBitrate: config.audioBitrate,
    videoBitrate: config.videoBitrate,
    transportCc: config.transportCc,
    share,
    log: logMedia(log, clock),
  });
  undo.push(() => plane.close());

  const roomParts = {
    plane: wrapped(plane, wrappers.plane),
    clock,
    restrictions: wrapped(restrictions, wrappers.restrictions),
    heard,
    changeTimer: metrics.changeTimer,
    journal: budget,
    maxSendersPerRoom: config.maxSendersPerRoom,
    newId: () => randomUUID(),
    seatSeconds: config.seatSeconds,
    changesPerSecond: config.changesPerSecond,
    fault,
    mediaFailed: logMediaFailures(log, clock),
  };
  const home = new RoomHome(wrapped(applications, wrappers.applications), roomParts, share);
  undo.push(applications.onChange(({ application }) => home.applicationChanged(application)));
  const { operator, lists } = core.operate({
    rooms: home.control,
    changeTimer: metrics.changeTimer,
    heard,
    fault,
  });
  undo.push(() => operator.close());
  const { maxConnections, workers } = config;
  const plan = planSockets(maxConnections, { fileLimit: descriptorLimit(process.pid), workers });
  if (plan.webSockets < maxConnections)
    log.warn(
      { wanted: maxConnections, possible: plan.webSockets },
      'this process may not open files for so many connections; raise the limit of open files (ulimit -n, LimitNOFILE)',
    );
  const trustedProxies = new TrustedProxies(config.trustedProxies.split(',').filter(Boolean));
  const edge = new SignalingEdge({
    home: wrapped(home, wrappers.home),
    limits: limitsOf(config),
    server: serverName,
    rtpCapabilities: plane.rtpCapabilities,
    maxConnections: plan.webSockets,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    maxOutsidePerAddress: config.maxOutsidePerAddress,
    trustedProxies,
    clock,
    observer: metrics.signaling,
    log,
  });
  metrics.watch({
    rooms: () => home.counts(),
    media: () => plane.snapshot(),
    connections: () => edge.connections,
    journal: () => journal.figures,
  });

  const http = await HttpServer.listen({
    host: config.host,
    port: config.port,
    tls,
    log,
    clock,
    server: serverName,
    ready: {
      media: () => plane.ready,
      mediaDescriptors: () => plane.hasDescriptors,
      mediaMemory: () => plane.hasMemory,
      rooms: () => home.admits,
      journal: () => journal.available && journal.grantRefusal() === undefined,
    },
    warnings: () => journal.warnings,
    metrics: config.metrics
      ? { ...metrics, token: config.metricsToken, onlyWithToken: config.publicUrl !== undefined }
      : undefined,
    sdkDir: folderOf('../../sdk/dist/'),
    demo: config.demo
      ? { dir: folderOf('../../demo/dist/'), signer: () => demoSigner(applications) }
      : undefined,
    webSockets: { [signalingPath]: edge },
    sockets: { total: plan.sockets, requestsPerAddress: config.maxConnectionsPerAddress },
    trustedProxies,
    share,
  });
  undo.push(
    () => http.stop(),
    () => edge.stop(),
  );
  const startedAt = clock.now();
  const admin = await AdminServer.start({
    folder,
    directory: applications,
    operator,
    lists,
    journal: data.journalReader,
    usage: data.usage,
    state: { check: data.stateCheck, journal: data.journal },
    status: () => ({ version: serverName, pid: process.pid, url: http.url, startedAt, ...home.counts() }),
    onFault: (err) => log.error({ err }, 'an admin request failed unexpectedly'),
  });
  undo.push(() => admin.close());
  // Last in, first out: members are told before anything that they need goes.
  undo.push(() => home.close());
  return { url: http.url, firstSecrets };
}

/** Picked by name: the configuration holds secrets, and the limits are told to every client. */
const limitsOf = ({
  maxMessageBytes,
  requestsPerSecond,
  changesPerSecond,
  pendingRequests,
  enterSeconds,
  pingSeconds,
}: Config) => ({
  maxMessageBytes,
  requestsPerSecond,
  changesPerSecond,
  pendingRequests,
  enterSeconds,
  pingSeconds,
});

/** The alarms of the journal, and its anchors: a copy of the log is a second place for them. */
const logJournal = (log: Logger): JournalEvents => ({
  failing: (err, waiting) => log.error({ err, waiting }, 'journal cannot be written'),
  recovered: () => log.warn('journal is written again'),
  anchored: (anchor) => log.info(anchor, 'journal anchored'),
  trouble: (err) => log.error({ err }, 'journal needs attention'),
});

/** The alarms of the usage. */
const logUsage = (log: Logger): UsageEvents => ({
  failed: (err, waiting) => log.error({ err, waiting }, 'usage cannot be written'),
  lost: (milliseconds) => log.error({ milliseconds }, 'usage is lost: too much of it waits to be written'),
});

/** The demo's tickets are signed with its newest active key. */
function demoSigner(applications: ApplicationDirectory): { sdkAppId: number; secretKey: string } | undefined {
  const key = applications.find(DEMO_SDK_APP_ID)?.keys.findLast(({ state }) => state === 'active');
  return key && { sdkAppId: DEMO_SDK_APP_ID, secretKey: key.secret };
}

async function unwind(undo: Undo[], log: Logger): Promise<void> {
  for (let stop = undo.pop(); stop; stop = undo.pop()) {
    try {
      await stop();
    } catch (err) {
      log.error({ err }, 'stopping failed');
    }
  }
}
