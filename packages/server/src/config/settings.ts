import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import * as values from './values.ts';

/** One setting: its variable, what it means, how its text is read. */
interface Setting<T = unknown> {
  readonly variable: `ROOMKEY_${string}`;
  /** What it means, its unit, what it costs to get wrong; printed into the documentation. */
  readonly about: string;
  readonly reader: z.ZodType<T, string>;
  /** The text that stands for an unset variable; without it the setting is absent or follows from others. */
  readonly fallback?: string;
  /** Says the default where it is not a fixed text. */
  readonly fallbackAbout?: string;
  /** Its value is never printed. */
  readonly secret?: true;
}

const setting = <T, const S extends Setting<T>>(given: S & { readonly reader: z.ZodType<T, string> }): S =>
  given;

/** Every setting of the server, in the order of the documentation. */
const settings = {
  host: setting({
    variable: 'ROOMKEY_HOST',
    about: 'Address that HTTP and WebSocket listen on. `0.0.0.0` is every IPv4 address of the computer.',
    reader: values.hostOrAddress,
    fallback: '127.0.0.1',
  }),
  port: setting({
    variable: 'ROOMKEY_PORT',
    about: 'TCP port of HTTP and WebSocket. 0 takes a free port.',
    reader: values.wholeNumber(0, 65_535),
    fallback: '8080',
  }),
  dataDir: setting({
    variable: 'ROOMKEY_DATA_DIR',
    about:
      'Folder of the database, the master key and the admin socket. The first start makes it, with mode 0700.',
    reader: values.filePath,
    fallback: './data',
  }),
  publicUrl: setting({
    variable: 'ROOMKEY_PUBLIC_URL',
    about:
      'Where members reach this server, for example `https://rooms.example.com`. Needed when that is not its own address.',
    reader: values.origin,
  }),
  tlsCert: setting({
    variable: 'ROOMKEY_TLS_CERT',
    about: 'File with the certificate chain (PEM). With it and `ROOMKEY_TLS_KEY` the server speaks HTTPS.',
    reader: values.filePath,
  }),
  tlsKey: setting({
    variable: 'ROOMKEY_TLS_KEY',
    about: 'File with the private key of the certificate (PEM).',
    reader: values.filePath,
  }),
  workerBin: setting({
    variable: 'ROOMKEY_WORKER_BIN',
    about: 'The media worker program.',
    reader: values.filePath,
    fallbackAbout: 'none; `npm start` sets it to the worker that set-up made',
  }),
  workers: setting({
    variable: 'ROOMKEY_WORKERS',
    about: 'Number of media workers. Each uses at most one core.',
    reader: values.wholeNumber(1, 256),
    fallback: String(Math.min(availableParallelism(), 256)),
    fallbackAbout: 'number of cores',
  }),
  mediaListenIp: setting({
    variable: 'ROOMKEY_MEDIA_LISTEN_IP',
    about:
      'Address that the server listens on for media. A wildcard (`0.0.0.0`, `::`) needs `ROOMKEY_ANNOUNCED_ADDRESS`. Needed when `ROOMKEY_HOST` is a name other than `localhost`.',
    reader: values.ipAddress,
    fallbackAbout: '`ROOMKEY_HOST`',
  }),
  mediaPort: setting({
    variable: 'ROOMKEY_MEDIA_PORT',
    about:
      'UDP and TCP port of the first media worker. The others use the ports above it. 0 takes free ports.',
    reader: values.wholeNumber(0, 65_535),
    fallback: '40000',
  }),
  mediaTcp: setting({
    variable: 'ROOMKEY_MEDIA_TCP',
    about:
      'Whether media is also taken over TCP, for members whose network lets no UDP through. The TCP ports take a connection of anybody ([security.md](security.md#the-media-ports)).',
    reader: values.onOff,
    fallback: 'on',
  }),
  announcedAddress: setting({
    variable: 'ROOMKEY_ANNOUNCED_ADDRESS',
    about:
      'Address or host name to which members send media. Needed when it is not the address that the server listens on (NAT, containers).',
    reader: values.hostOrAddress,
  }),
  demo: setting({
    variable: 'ROOMKEY_DEMO',
    about:
      'The demo page at `/demo`, which gives everybody on this computer tickets for its own application. ' +
      '`auto` is on when only this computer can reach the server: on a loopback host without a public URL, an announced address or TLS.',
    reader: values.oneOf('auto', 'on', 'off'),
    fallback: 'auto',
  }),
  masterKey: setting({
    variable: 'ROOMKEY_MASTER_KEY',
    about:
      'Seals the secret keys in the database: 32 bytes as hexadecimal digits or base64, without blanks around it. When it is set, the file is not used.',
    reader: values.key32,
    fallbackAbout: '`master.key` in the data folder',
    secret: true,
  }),
  logLevel: setting({
    variable: 'ROOMKEY_LOG_LEVEL',
    about:
      'Lowest level of log lines that are written: `fatal`, `error`, `warn`, `info`, `debug` or `trace`; `silent` writes none.',
    reader: values.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    fallback: 'info',
  }),
  transportCc: setting({
    variable: 'ROOMKEY_TRANSPORT_CC',
    about:
      'Congestion control for everybody who receives pictures: they fall to a lower layer, or wait, on a link that carries little. It costs the media worker about a third more CPU per packet. `off` only where every link is wide.',
    reader: values.onOff,
    fallback: 'on',
  }),
  maxSendersPerRoom: setting({
    variable: 'ROOMKEY_MAX_SENDERS_PER_ROOM',
    about:
      'Highest number of members of one room who may send at the same time. A further member is inside without its send bits until one of these leaves or may no longer send.',
    reader: values.wholeNumber(1, 100_000),
    fallback: '1000',
  }),
  changesPerSecond: setting({
    variable: 'ROOMKEY_CHANGES_PER_SECOND',
    about:
      'Changes per second, on average, that one member may make and others have to follow: publish, unpublish, mute, role, authority, a new key, another entry. A resume counts as one, and so does a transport that replaces another. A burst of four times as many is allowed.',
    reader: values.wholeNumber(1, 10_000),
    fallback: '5',
  }),
  maxConnections: setting({
    variable: 'ROOMKEY_MAX_CONNECTIONS',
    about:
      'Highest number of WebSocket connections at the same time. The last tenth is kept for members who come back: `enter` is refused there. When all are taken, the oldest that has not entered is cut off.',
    reader: values.wholeNumber(1, 1_000_000),
    fallback: '10000',
  }),
  maxConnectionsPerAddress: setting({
    variable: 'ROOMKEY_MAX_CONNECTIONS_PER_ADDRESS',
    about:
      'Highest number of WebSocket connections of one address that are inside a room. IPv6 addresses count by their /64.',
    reader: values.wholeNumber(1, 1_000_000),
    fallback: '1000',
  }),
  maxOutsidePerAddress: setting({
    variable: 'ROOMKEY_MAX_OUTSIDE_PER_ADDRESS',
    about:
      'Highest number of WebSocket connections of one address that have not entered a room. One more cuts off the oldest of them.',
    reader: values.wholeNumber(1, 1_000_000),
    fallback: '100',
  }),
  trustedProxies: setting({
    variable: 'ROOMKEY_TRUSTED_PROXIES',
    about:
      'Addresses and networks, separated by commas, whose `X-Forwarded-For` is believed: your reverse proxies. `none` believes nobody. All members behind a proxy that is not believed count as one address.',
    reader: values.networks,
    fallback: '127.0.0.0/8,::1',
  }),
  maxMessageBytes: setting({
    variable: 'ROOMKEY_MAX_MESSAGE_BYTES',
    about:
      'Largest message of a client, in bytes: at least 65536, at most 16777216. A larger message closes its connection.',
    reader: values.wholeNumber(65_536, 16_777_216),
    fallback: '131072',
  }),
  requestsPerSecond: setting({
    variable: 'ROOMKEY_REQUESTS_PER_SECOND',
    about: 'Requests per second, on average, of one connection. A burst of twice as many is allowed.',
    reader: values.wholeNumber(1, 100_000),
    fallback: '50',
  }),
  pendingRequests: setting({
    variable: 'ROOMKEY_PENDING_REQUESTS',
    about: 'Number of requests of one connection that may wait for an answer at the same time.',
    reader: values.wholeNumber(1, 10_000),
    fallback: '64',
  }),
  enterSeconds: setting({
    variable: 'ROOMKEY_ENTER_SECONDS',
    about: 'Seconds within which a new connection has to enter a room.',
    reader: values.wholeNumber(1, 3600),
    fallback: '10',
  }),
  pingSeconds: setting({
    variable: 'ROOMKEY_PING_SECONDS',
    about: 'Seconds between two pings. The connection of a client that answers neither of two pings is cut.',
    reader: values.wholeNumber(1, 3600),
    fallback: '10',
  }),
  seatSeconds: setting({
    variable: 'ROOMKEY_SEAT_SECONDS',
    about:
      'Seconds for which a member whose connection broke keeps its seat and its media. With 0 it leaves at once.',
    reader: values.wholeNumber(0, 3600),
    fallback: '30',
  }),
  audioBitrate: setting({
    variable: 'ROOMKEY_AUDIO_BITRATE',
    about:
      'Highest bitrate of a microphone or of the sound of a screen, in bit/s. A track that is measured above it is closed.',
    reader: values.wholeNumber(8_000, 10_000_000),
    fallback: '512000',
  }),
  videoBitrate: setting({
    variable: 'ROOMKEY_VIDEO_BITRATE',
    about:
      'Highest bitrate of a camera (all its layers together) or of a screen, in bit/s. A track that is measured above it is closed.',
    reader: values.wholeNumber(64_000, 1_000_000_000),
    fallback: '10000000',
  }),
  journalDays: setting({
    variable: 'ROOMKEY_JOURNAL_DAYS',
    about: 'Days for which records of the journal are kept. Older ones are deleted.',
    reader: values.wholeNumber(1, 36_500),
    fallback: '180',
  }),
  journalMaxMegabytes: setting({
    variable: 'ROOMKEY_JOURNAL_MAX_MB',
    about:
      'Highest size of the journal, in megabytes (1,048,576 bytes). At four fifths of it there is an alarm. At the bound nobody enters and no permission is given.',
    reader: values.wholeNumber(1, 10_000_000),
    fallback: '10240',
  }),
  journalUserRecords: setting({
    variable: 'ROOMKEY_JOURNAL_USER_RECORDS',
    about:
      'Records of the journal that one user may bring about in a minute. Above that, requests of the user that would give something are refused, and others are only counted.',
    reader: values.wholeNumber(20, 1_000_000),
    fallback: '600',
  }),
  journalApplicationRecords: setting({
    variable: 'ROOMKEY_JOURNAL_APPLICATION_RECORDS',
    about: 'The same for all users of one application together.',
    reader: values.wholeNumber(20, 100_000_000),
    fallback: '120000',
  }),
  usageDays: setting({
    variable: 'ROOMKEY_USAGE_DAYS',
    about: 'Days for which usage is kept ([usage.md](usage.md)). Older usage is deleted.',
    reader: values.wholeNumber(1, 36_500),
    fallback: '400',
  }),
  corePrice: setting({
    variable: 'ROOMKEY_CORE_PRICE',
    about:
      'What 1,000 minutes of a member cost who may send, in whatever currency. `roomkey usage` reads it. With 0 here and for outer it prints no costs.',
    reader: values.price,
    fallback: '0',
  }),
  outerPrice: setting({
    variable: 'ROOMKEY_OUTER_PRICE',
    about: 'The same for a member who may send nothing.',
    reader: values.price,
    fallback: '0',
  }),
  stopSeconds: setting({
    variable: 'ROOMKEY_STOP_SECONDS',
    about: 'Seconds after SIGTERM, SIGINT or SIGHUP within which the process ends.',
    reader: values.wholeNumber(1, 3600),
    fallback: '10',
  }),
  metrics: setting({
    variable: 'ROOMKEY_METRICS',
    about:
      'Prometheus metrics at `/metrics`. Without `ROOMKEY_METRICS_TOKEN` they answer only callers on this computer, and with `ROOMKEY_PUBLIC_URL` nobody.',
    reader: values.onOff,
    fallback: 'on',
  }),
  metricsToken: setting({
    variable: 'ROOMKEY_METRICS_TOKEN',
    about: 'When it is set, every caller of `/metrics` must send it as `Authorization: Bearer …`.',
    reader: values.bearerToken,
    secret: true,
  }),
} satisfies Record<string, Setting>;

export type Settings = typeof settings;
export type SettingName = keyof Settings;

/** The settings, each with its name in the program. */
export const settingEntries = Object.entries(settings) as readonly (readonly [SettingName, Setting])[];

/** Variables that commands of the program read and the server does not. */
export const commandVariables: readonly string[] = ['ROOMKEY_SECRET_KEY'];
