import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Descriptors, descriptorLimit, openDescriptors } from '../descriptors.ts';
import type { ChangeTimer, EventListener, HomeCounts } from '../ports/index.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { type MetricRow, metricTable } from './metric-table.ts';

/** What the metrics read at each scrape. */
interface MetricSources {
  readonly rooms: () => HomeCounts;
  readonly media: () => Promise<MediaFigures>;
  /** Open WebSockets. */
  readonly connections: () => number;
  readonly journal: () => JournalFigures;
}

/** The figures of the journal, since the start of the server. */
interface JournalFigures {
  readonly kept: number;
  readonly waiting: number;
  readonly failures: number;
  readonly lost: number;
  readonly bytes: number;
}

/** The figures of the media plane that are exported. Counts begin at the start of the server. */
interface MediaFigures {
  readonly workers: readonly {
    readonly worker: number;
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    readonly transports: number;
    readonly consumers: number;
    readonly descriptors?: Descriptors | undefined;
    readonly memory?: { readonly used: number; readonly limit: number } | undefined;
  }[];
  readonly restarts: number;
  readonly packetsReceived: number;
  readonly packetsForwarded: number;
  readonly mended: Readonly<Record<string, number>>;
}

/** What the signaling edge tells. */
interface SignalingFigures {
  connected(): void;
  disconnected(cause: string): void;
  turnedAway(cause: string): void;
  answered(method: string, seconds: number, error?: string): void;
}

/** All metrics of one server, in a registry of its own. */
interface Metrics {
  /** To be told what happens. */
  readonly heard: EventListener;
  /** To be called by the rooms. */
  readonly changeTimer: ChangeTimer;
  /** To be told by the signaling edge. */
  readonly signaling: SignalingFigures;
  /** Names what is read at each scrape; until then those figures are missing. */
  watch(sources: MetricSources): void;
  readonly registry: Registry;
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  /** Stops measuring the event loop. */
  stop(): void;
}

/** From a fraction of a millisecond (a refusal) to the deadline of the media plane. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Finer: a change of permissions takes a few milliseconds, and one second at most while a worker does not answer. */
const changeBuckets = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];

/** Requests that change the permissions of who asks. */
const changeRequests: ReadonlySet<string> = new Set(['switchRole', 'updatePrivateMapKey', 'changeAuthority']);

export function createMetrics(): Metrics {
  const registry = new Registry();
  const of = ({ name, about, labels }: MetricRow) => ({
    name,
    help: about,
    labelNames: [...labels],
    registers: [registry],
  });
  const counter = (row: MetricRow) => new Counter(of(row));
  const gauge = (row: MetricRow) => new Gauge(of(row));
  const entries = counter(metricTable.entries);
  const departures = counter(metricTable.departures);
  const resumes = counter(metricTable.resumes);
  const refusals = counter(metricTable.refusals);
  const lacking = counter(metricTable.lacking);
  const opened = counter(metricTable.connectionsOpened);
  const closed = counter(metricTable.connectionsClosed);
  const turnedAway = counter(metricTable.connectionsTurnedAway);
  const requests = new Histogram({ ...of(metricTable.requests), buckets });
  const requestErrors = counter(metricTable.requestErrors);
  const changes = new Histogram({ ...of(metricTable.permissionChanges), buckets: changeBuckets });
  const read = readAtScrape(counter, gauge);
  const loop = new EventLoopDelay();
  let sources: MetricSources | undefined;

  return {
    heard: (event) => {
      switch (event.kind) {
        case 'memberEntered':
          return entries.inc();
        case 'memberLeft':
          return departures.inc({ reason: event.reason });
        case 'memberResumed':
          return resumes.inc();
        case 'refused':
          return refusals.inc({ cause: event.cause, observed: String(event.observed) });
        case 'lacking':
          for (const permission of event.permissions) lacking.inc({ permission });
      }
    },
    changeTimer: (way) => {
      const done = changes.startTimer({ way });
      return () => void done();
    },
    signaling: {
      connected: () => opened.inc(),
      disconnected: (cause) => closed.inc({ cause }),
      turnedAway: (cause) => turnedAway.inc({ cause }),
      answered: (method, seconds, error) => {
        requests.observe({ method }, seconds);
        if (error !== undefined) requestErrors.inc({ method, error });
        else if (changeRequests.has(method)) changes.observe({ way: method }, seconds);
      },
    },
    watch: (given) => {
      sources = given;
    },
    registry,
    contentType: registry.contentType,
    text: async () => {
      read(sources, await sources?.media(), loop, await openDescriptors(process.pid));
      return registry.metrics();
    },
    stop: () => loop.stop(),
  };
}

type Make<M> = (row: MetricRow) => M;

/** The metrics whose values lie elsewhere; each call of the result copies all of them. */
function readAtScrape(counter: Make<Counter>, gauge: Make<Gauge>) {
  const gauges = {
    members: gauge(metricTable.members),
    rooms: gauge(metricTable.rooms),
    tracks: gauge(metricTable.tracks),
    connections: gauge(metricTable.connections),
    journalWaiting: gauge(metricTable.journalWaiting),
    journalBytes: gauge(metricTable.journalBytes),
    workers: gauge(metricTable.workers),
    workerResident: gauge(metricTable.workerResident),
    workerDescriptors: gauge(metricTable.workerDescriptors),
    workerMaxDescriptors: gauge(metricTable.workerMaxDescriptors),
    workerMemory: gauge(metricTable.workerMemory),
    workerMaxMemory: gauge(metricTable.workerMaxMemory),
    transports: gauge(metricTable.transports),
    consumers: gauge(metricTable.consumers),
    eventLoopDelay: gauge(metricTable.eventLoopDelay),
    processResident: gauge(metricTable.processResident),
    processHeap: gauge(metricTable.processHeap),
    processStart: gauge(metricTable.processStart),
    processDescriptors: gauge(metricTable.processDescriptors),
    processMaxDescriptors: gauge(metricTable.processMaxDescriptors),
  };
  const counters = {
    journalRecords: counter(metricTable.journalRecords),
    journalFailures: counter(metricTable.journalFailures),
    journalLost: counter(metricTable.journalLost),
    workerRestarts: counter(metricTable.workerRestarts),
    workerCpu: counter(metricTable.workerCpu),
    packetsReceived: counter(metricTable.packetsReceived),
    packetsForwarded: counter(metricTable.packetsForwarded),
    picturesMended: counter(metricTable.picturesMended),
    processCpu: counter(metricTable.processCpu),
  };
  const limit = descriptorLimit(process.pid);
  if (limit !== undefined) gauges.processMaxDescriptors.set(limit);
  gauges.processStart.set(Math.round(Date.now() / 1000 - process.uptime()));

  const readMedia = ({ workers, restarts, packetsReceived, packetsForwarded, mended }: MediaFigures) => {
    const { workerResident, transports: transportsOf, consumers: consumersOf } = gauges;
    const { workerDescriptors, workerMaxDescriptors, workerMemory, workerMaxMemory } = gauges;
    const ofWorkers = [workerDescriptors, workerMaxDescriptors, workerMemory, workerMaxMemory];
    for (const one of [workerResident, transportsOf, consumersOf, ...ofWorkers]) one.reset();
    counters.workerCpu.reset();
    gauges.workers.set(workers.length);
    for (const figures of workers) {
      const {
        worker: index,
        cpuSeconds,
        residentBytes,
        transports,
        consumers,
        descriptors,
        memory,
      } = figures;
      const worker = String(index);
      if (memory) {
        workerMemory.set({ worker }, memory.used);
        workerMaxMemory.set({ worker }, memory.limit);
      }
      if (descriptors) {
        workerDescriptors.set({ worker }, descriptors.open);
        workerMaxDescriptors.set({ worker }, descriptors.limit);
      }
      counters.workerCpu.inc({ worker }, cpuSeconds);
      gauges.workerResident.set({ worker }, residentBytes);
      gauges.transports.set({ worker }, transports);
      gauges.consumers.set({ worker }, consumers);
    }
    setCounter(counters.workerRestarts, restarts);
    setCounter(counters.packetsReceived, packetsReceived);
    setCounter(counters.packetsForwarded, packetsForwarded);
    counters.picturesMended.reset();
    for (const [mend, count] of Object.entries(mended)) counters.picturesMended.inc({ mend }, count);
  };

  return (
    sources: MetricSources | undefined,
    media: MediaFigures | undefined,
    loop: EventLoopDelay,
    openFiles: number | undefined,
  ): void => {
    if (sources) {
      const { rooms, members, tracks } = sources.rooms();
      gauges.rooms.set(rooms);
      gauges.members.set(members);
      gauges.tracks.set(tracks);
      gauges.connections.set(sources.connections());
      const { kept, waiting, failures, lost, bytes } = sources.journal();
      gauges.journalBytes.set(bytes);
      setCounter(counters.journalRecords, kept);
      gauges.journalWaiting.set(waiting);
      setCounter(counters.journalFailures, failures);
      setCounter(counters.journalLost, lost);
    }
    if (media) readMedia(media);
    for (const { quantile, seconds } of loop.take()) gauges.eventLoopDelay.set({ quantile }, seconds);
    const { user, system } = process.cpuUsage();
    counters.processCpu.reset();
    counters.processCpu.inc({ mode: 'user' }, user / 1e6);
    counters.processCpu.inc({ mode: 'system' }, system / 1e6);
    if (openFiles !== undefined) gauges.processDescriptors.set(openFiles);
    const { rss, heapUsed } = process.memoryUsage();
    gauges.processResident.set(rss);
    gauges.processHeap.set(heapUsed);
  };
}

/** For a count that is kept elsewhere. */
function setCounter(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
