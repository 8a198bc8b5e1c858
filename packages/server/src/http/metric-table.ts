/** One metric as it is exported. */
export interface MetricRow {
  readonly name: `roomkey_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly about: string;
}

const row = <const L extends readonly string[]>(
  type: MetricRow['type'],
  name: `roomkey_${string}`,
  labels: L,
  about: string,
) => ({ type, name, labels, about });

/** Every metric there is, in the order of the documentation. */
export const metricTable = {
  members: row('gauge', 'roomkey_members', [], 'Members inside rooms.'),
  rooms: row('gauge', 'roomkey_rooms', [], 'Rooms, empty ones that linger among them.'),
  tracks: row('gauge', 'roomkey_tracks', [], 'Published tracks.'),
  entries: row('counter', 'roomkey_entries_total', [], 'Members admitted.'),
  resumes: row(
    'counter',
    'roomkey_resumes_total',
    [],
    'Seats taken up again after their connection was lost.',
  ),
  departures: row('counter', 'roomkey_departures_total', ['reason'], 'Members who are out again, by reason.'),
  refusals: row(
    'counter',
    'roomkey_refusals_total',
    ['cause', 'observed'],
    'Requests refused by a room, by cause; observed="true" would have been refused under enforce and was let pass.',
  ),
  lacking: row(
    'counter',
    'roomkey_observed_lacking_total',
    ['permission'],
    'Observed keys that do not hold a permission which their members have all the same, by permission, counted when a key is taken.',
  ),
  connections: row('gauge', 'roomkey_connections', [], 'Open WebSockets.'),
  connectionsOpened: row('counter', 'roomkey_connections_opened_total', [], 'WebSockets opened.'),
  connectionsClosed: row(
    'counter',
    'roomkey_connections_closed_total',
    ['cause'],
    'WebSockets closed, by cause.',
  ),
  connectionsTurnedAway: row(
    'counter',
    'roomkey_connections_turned_away_total',
    ['cause'],
    'WebSockets not accepted, by cause.',
  ),
  requests: row(
    'histogram',
    'roomkey_request_seconds',
    ['method'],
    'Time from the arrival of a request to its answer, by method; its count is the number of requests.',
  ),
  requestErrors: row(
    'counter',
    'roomkey_request_errors_total',
    ['method', 'error'],
    'Requests answered with an error, by method and name of the error.',
  ),
  permissionChanges: row(
    'histogram',
    'roomkey_permission_change_seconds',
    ['way'],
    'Time from the arrival of a change of permissions to its answer, which waits for the media engine, by way.',
  ),
  journalRecords: row('counter', 'roomkey_journal_records_total', [], 'Records that the journal has kept.'),
  journalWaiting: row(
    'gauge',
    'roomkey_journal_waiting',
    [],
    'Records that wait to be kept; while it does not fall, the disk refuses them and nobody enters.',
  ),
  journalBytes: row(
    'gauge',
    'roomkey_journal_bytes',
    [],
    'Bytes that the records of the journal take; see `ROOMKEY_JOURNAL_MAX_MB`.',
  ),
  journalFailures: row(
    'counter',
    'roomkey_journal_failures_total',
    [],
    'Times that the disk refused records; they are tried again.',
  ),
  journalLost: row(
    'counter',
    'roomkey_journal_lost_total',
    [],
    'Records that were lost because too many waited for a disk that refused them.',
  ),
  workers: row('gauge', 'roomkey_workers', [], 'Media workers that live.'),
  workerRestarts: row('counter', 'roomkey_worker_restarts_total', [], 'Media workers started again.'),
  workerCpu: row(
    'counter',
    'roomkey_worker_cpu_seconds_total',
    ['worker'],
    'CPU time of a media worker, user and system; begins anew with each life of the worker.',
  ),
  workerResident: row(
    'gauge',
    'roomkey_worker_resident_bytes',
    ['worker'],
    'Largest resident memory of a media worker so far.',
  ),
  workerDescriptors: row(
    'gauge',
    'roomkey_worker_open_descriptors',
    ['worker'],
    'Files and sockets that a media worker has open: every TCP connection to its media port is one.',
  ),
  workerMaxDescriptors: row(
    'gauge',
    'roomkey_worker_max_descriptors',
    ['worker'],
    'Files and sockets that a media worker may have open; near it, it takes no more members.',
  ),
  workerMemory: row('gauge', 'roomkey_worker_memory_bytes', ['worker'], 'Resident memory of a media worker.'),
  workerMaxMemory: row(
    'gauge',
    'roomkey_worker_max_memory_bytes',
    ['worker'],
    'Resident memory above which a media worker takes no more members.',
  ),
  transports: row('gauge', 'roomkey_transports', ['worker'], 'Open transports of a media worker.'),
  consumers: row(
    'gauge',
    'roomkey_consumers',
    ['worker'],
    'Tracks times receivers on a media worker: streams it can be sending.',
  ),
  packetsReceived: row(
    'counter',
    'roomkey_rtp_packets_received_total',
    [],
    'RTP packets received on tracks, counted every few seconds.',
  ),
  packetsForwarded: row(
    'counter',
    'roomkey_rtp_packets_forwarded_total',
    [],
    'RTP packets forwarded to receivers, counted every few seconds.',
  ),
  picturesMended: row(
    'counter',
    'roomkey_pictures_mended_total',
    ['mend'],
    'Pictures that did not reach a receiver for three seconds, by what was done: its stream began anew (`reset`), or was made anew (`renewed`).',
  ),
  eventLoopDelay: row(
    'gauge',
    'roomkey_event_loop_delay_seconds',
    ['quantile'],
    'How late the server process got to its work since the last scrape; quantile 1 is the longest.',
  ),
  processCpu: row(
    'counter',
    'roomkey_process_cpu_seconds_total',
    ['mode'],
    'CPU time of the server process without its workers, by mode (user, system).',
  ),
  processResident: row(
    'gauge',
    'roomkey_process_resident_memory_bytes',
    [],
    'Resident memory of the server process without its workers.',
  ),
  processHeap: row('gauge', 'roomkey_process_heap_used_bytes', [], 'JavaScript heap in use.'),
  processDescriptors: row(
    'gauge',
    'roomkey_process_open_descriptors',
    [],
    'Files and sockets that the server process has open.',
  ),
  processMaxDescriptors: row(
    'gauge',
    'roomkey_process_max_descriptors',
    [],
    'Files and sockets that the server process may have open.',
  ),
  processStart: row(
    'gauge',
    'roomkey_process_start_time_seconds',
    [],
    'When the server process started, unix time.',
  ),
} satisfies Record<string, MetricRow>;

/** The table of `docs/metrics.md`. */
export function metricsTable(): string {
  const rows = Object.values(metricTable).map(({ name, type, labels, about }) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${shown} | ${about} |`;
  });
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
