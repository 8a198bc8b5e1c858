import type { Mend } from './pictures/mend-log.ts';

/** One worker at one moment. The CPU and memory figures begin anew with each life of a worker. */
export interface WorkerSnapshot {
  /** Which of the workers, from 0. */
  readonly worker: number;
  readonly placeId: string;
  readonly pid: number;
  /** User and system time of the process, as read within the last second. */
  readonly cpuSeconds: number;
  /** Largest resident memory of the process so far. */
  readonly residentBytes: number;
  /** Files and sockets that the process has open, and may have open, at the last look; missing where the system does not say. */
  readonly descriptors?: { readonly open: number; readonly limit: number } | undefined;
  /** Resident memory in bytes at the last look, and above which the worker takes no more members; missing likewise. */
  readonly memory?: { readonly used: number; readonly limit: number } | undefined;
  readonly rooms: number;
  readonly transports: number;
  readonly tracks: number;
  readonly consumers: number;
}

/** The media plane at one moment, for metrics. */
export interface MediaSnapshot {
  /** Workers that live. */
  readonly workers: readonly WorkerSnapshot[];
  /** How often a worker was started again since the server started. */
  readonly restarts: number;
  /** RTP packets received on tracks since the server started; counted in rounds (see `MediasoupPlane.snapshot`). */
  readonly packetsReceived: number;
  /** RTP packets forwarded to receivers since the server started; counted likewise. */
  readonly packetsForwarded: number;
  /** Pictures that did not reach a receiver and were set right since the server started, by what was done. */
  readonly mended: Readonly<Record<Mend, number>>;
}
