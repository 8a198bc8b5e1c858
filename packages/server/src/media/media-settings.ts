import type { EventLoopShare } from '../event-loop-share.ts';
import type { MediaLog } from './media-log.ts';

/** Most bits per second of a track, by kind; the settings of the server have the same defaults. */
export const defaultBitrates = { audio: 512_000, video: 10_000_000 } as const;

/** How the media plane runs. */
export interface MediaSettings {
  /** The worker program; by default the one in the engine's package. */
  readonly workerBin?: string | undefined;
  /** How many workers; each uses at most one core. Default: one per core. */
  readonly workers?: number | undefined;
  /** Address that media is received on. A wildcard needs `announcedAddress`. */
  readonly listenIp: string;
  /** UDP and TCP port of the first worker, worker i takes the i-th one above; 0 or nothing: free ports. */
  readonly portBase?: number | undefined;
  /** Whether media is also taken over TCP, from members whose network lets no UDP through. Default true. */
  readonly tcp?: boolean | undefined;
  /** Address or host name that members are told instead of `listenIp`. */
  readonly announcedAddress?: string | undefined;
  /** Milliseconds that a worker has for an answer. Default 5000. */
  readonly deadlineMs?: number | undefined;
  /** Seconds of silence after which a worker counts as hanging and is killed. Default 15. */
  readonly hangSeconds?: number | undefined;
  /** Seconds without an ICE consent check after which the peer of a transport counts as lost. Default 30. */
  readonly consentSeconds?: number | undefined;
  /** Bytes of resident memory above which a worker takes no more members. Default: its share of four fifths of all memory. */
  readonly workerMemory?: number | undefined;
  /** Most bits per second of an audio track. Default 512,000. */
  readonly audioBitrate?: number | undefined;
  /** Most bits per second of a video track, all layers together. Default 10,000,000. */
  readonly videoBitrate?: number | undefined;
  /** Congestion control for everybody who receives pictures. Default true; it costs CPU and memory for each of them. */
  readonly transportCc?: boolean | undefined;
  /** How much is done in one turn of the event loop for what concerns many. Default one of its own. */
  readonly share?: EventLoopShare | undefined;
  readonly log?: MediaLog | undefined;
}
