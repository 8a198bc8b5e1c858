import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { workerBin as packagedWorker, type types } from 'mediasoup';
import type { Descriptors } from '../descriptors.ts';
import { reason } from './media-error.ts';
import type { MediaLog } from './media-log.ts';
import type { MediaSettings } from './media-settings.ts';
import type { WorkerLoad } from './placement.ts';
import { checkAddress, checkSrtp } from './srtp-check.ts';
import { WorkerDescriptors } from './worker-descriptors.ts';
import { isExecutable, startWorker } from './worker-session.ts';

/** How each worker is started. */
export type WorkerSettings = Pick<
  MediaSettings,
  'workerBin' | 'listenIp' | 'portBase' | 'tcp' | 'announcedAddress' | 'hangSeconds'
> & {
  readonly log: MediaLog;
};

/** The media plane cannot start; the message says what to do. */
export class MediaStartError extends Error {
  override readonly name = 'MediaStartError';
}

/** A worker is killed when it ends in no time by itself. */
const CLOSE_MS = 2_000;
/** How long a worker may take to say that it has closed what it should, in ms. */
const CONFIRM_MS = 1_000;
/** How much longer it may take once the transports concerned are cut off. */
const LAST_MS = 500;
/** How long one look for an answer takes, in ms. */
const LOOK_MS = 50;
/** After so many closings, or so many ms, a worker is asked for an answer at the next one: it shows what has been done. */
const MARK_CLOSINGS = 50;
const MARK_MS = 20;
/** So long a worker that has shown that its SRTP works is not asked again, in ms. */
const TRUSTED_MS = 10_000;

/** What the system has too little of when it starts no process. */
const SHORTAGES = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

const remedy = (error: unknown): string =>
  SHORTAGES.includes((error as NodeJS.ErrnoException).code ?? '')
    ? 'the system has no descriptor, process or memory left for it; raise its limits (ulimit -n, ulimit -u)'
    : 'npm run setup builds one that fits this system';

/** One life of a worker process: a restarted worker is another life, and another place. */
export class WorkerLife {
  /** Names this life; unique for good. */
  readonly placeId = `worker-${randomUUID()}`;
  /** Which of the workers it is, from 0. */
  readonly index: number;
  readonly #settings: WorkerSettings;
  #worker: types.Worker | undefined;
  #server: types.WebRtcServer | undefined;
  #closed: Promise<void> | undefined;
  /** Set once the process was killed; resolves when it is gone. */
  #killed: Promise<void> | undefined;
  #missed = 0;
  #cpuSeconds = 0;
  #residentBytes = 0;
  #lookedAt = performance.now();
  #cpu = 0;
  /** Closings sent to it since it was last asked for an answer, and when that was. */
  #closings = 0;
  #markedAt = 0;
  /** Answers from it to what was asked here. */
  #answers = 0;
  #openedSince = 0;
  #descriptors: WorkerDescriptors | undefined;
  #srtpCheckedAt = 0;

  constructor(index: number, settings: WorkerSettings) {
    this.index = index;
    this.#settings = settings;
  }

  /** Starts the process; `onDeath` runs once if it ends without `close`. @throws {MediaStartError} */
  async start(onDeath: () => void): Promise<void> {
    const { workerBin = packagedWorker, listenIp, portBase, tcp = true, announcedAddress } = this.#settings;
    if (!isExecutable(workerBin))
      throw new MediaStartError(
        `The media worker ${workerBin} is missing or cannot be run. Use "npm start", or set ROOMKEY_WORKER_BIN to the path that "npm run setup" prints.`,
      );
    let worker: types.Worker;
    try {
      worker = await startWorker({ workerBin, logLevel: 'error' });
    } catch (error) {
      throw new MediaStartError(
        `The media worker ${workerBin} does not start (${reason(error)}): ${remedy(error)}.`,
        { cause: error },
      );
    }
    this.#worker = worker;
    if (this.#closed) {
      this.#shut(worker);
      return;
    }
    const port = portBase ? portBase + this.index : 0;
    const listen = { ip: listenIp, port, ...(announcedAddress && { announcedAddress }) };
    let server: types.WebRtcServer;
    try {
      server = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: 'udp', ...listen },
          ...(tcp ? [{ protocol: 'tcp', ...listen } as const] : []),
        ],
      });
    } catch (error) {
      this.#shut(worker);
      throw new MediaStartError(
        `Media cannot listen on ${listenIp}${port ? `, UDP and TCP port ${port}` : ''} (${reason(error)}): free it, or choose another with ROOMKEY_MEDIA_PORT.`,
        { cause: error },
      );
    }
    this.#descriptors = new WorkerDescriptors(worker.pid);
    await this.#descriptors.look();
    try {
      await this.#checkSrtp(worker);
    } catch (error) {
      this.#shut(worker);
      throw new MediaStartError(
        `The media worker ${workerBin} cannot encrypt media (${reason(error)}): npm run setup builds one that fits this system.`,
        { cause: error },
      );
    }
    if (this.#closed) return;
    this.#server = server;
    worker.once('died', () => {
      this.#closed ??= Promise.resolve();
      onDeath();
    });
    this.look();
  }

  /** Whether routers can be opened on it. */
  get living(): boolean {
    return this.#server !== undefined && !this.#closed && !this.#killed;
  }

  /** Whether it takes more transports: it lives and has descriptors left. */
  get takesTransports(): boolean {
    return this.living && !this.shortOfDescriptors;
  }

  /** Whether it has so few free descriptors that somebody has to do something. */
  get shortOfDescriptors(): boolean {
    return this.#descriptors?.short ?? false;
  }

  /** As at the last look; undefined where the system does not say. */
  get descriptors(): Descriptors | undefined {
    return this.#descriptors?.figures;
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  get webRtcServer(): types.WebRtcServer | undefined {
    return this.#server;
  }

  /** CPU time of the process and its largest memory, at the last look. */
  get usage(): { readonly cpuSeconds: number; readonly residentBytes: number } {
    return { cpuSeconds: this.#cpuSeconds, residentBytes: this.#residentBytes };
  }

  load(rooms: number): WorkerLoad {
    return { cpu: this.#cpu, openedSince: this.#openedSince, rooms };
  }

  createRouter(mediaCodecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    if (!this.#worker) throw new Error('the worker has not started');
    return this.#worker.createRouter({ mediaCodecs });
  }

  /** Something was opened here: it counts as load until the next look measures it. */
  opened(): void {
    this.#openedSince++;
  }

  /** A handshake failed here, which may be its peer's fault or the worker's: one whose SRTP no longer works is given up. */
  async doubt(): Promise<void> {
    const worker = this.#worker;
    if (!worker || !this.living || performance.now() - this.#srtpCheckedAt < TRUSTED_MS) return;
    await this.#checkSrtp(worker).catch((error) => this.giveUp(error));
  }

  async #checkSrtp(worker: types.Worker): Promise<void> {
    this.#srtpCheckedAt = performance.now();
    const { listenIp, portBase } = this.#settings;
    await checkSrtp(worker, checkAddress(listenIp, portBase));
  }

  /** Reads what the worker uses; to be called every second, when what has arrived by then is read. One that leaves `hangSeconds` looks unanswered is killed. */
  look(): void {
    if (!this.living || !this.#worker) return;
    this.#missed++;
    if (this.#missed > (this.#settings.hangSeconds ?? 15)) {
      this.#settings.log('error', 'a media worker hangs and is killed', { place: this.placeId });
      this.#kill();
    }
    void this.#watchDescriptors();
    if (this.#missed > 1) return;
    this.#worker.getResourceUsage().then(
      (usage) => this.#measured(usage),
      (error) => this.giveUp(error),
    );
  }

  /** A closing was sent to it. */
  closing(): void {
    const now = performance.now();
    this.#closings++;
    if (this.#closings < MARK_CLOSINGS && now - this.#markedAt < MARK_MS) return;
    if (!this.living || !this.#worker) return;
    this.#closings = 0;
    this.#markedAt = now;
    this.#worker.getResourceUsage().then(
      () => {
        this.#answers++;
      },
      (error) => this.giveUp(error),
    );
  }

  /**
   * Whether the worker can be asked anything: the engine packs all its messages in one buffer, and a throw half-way through
   * one of them leaves that unusable for good. A worker that cannot be told even the simplest thing is given up.
   */
  async works(): Promise<boolean> {
    if (!this.living || !this.#worker) return false;
    try {
      await this.#worker.getResourceUsage();
      return this.living;
    } catch (error) {
      this.giveUp(error);
      return false;
    }
  }

  /** Kills a worker that was not told what it had to be told, because of `error`: its place is lost. */
  giveUp(error: unknown): void {
    if (!this.living) return;
    const fields = { place: this.placeId, reason: reason(error) };
    this.#settings.log('error', 'a media worker takes no more requests and is killed', fields);
    this.#kill();
  }

  /**
   * Resolves when the worker has done everything asked of it before (its channel is in order), or is gone:
   * after a second without saying so `cut` is called, and the worker is killed when it does not say so soon after either.
   */
  async confirmClosed(cut: () => void): Promise<void> {
    if (this.living && !(await this.#confirms(CONFIRM_MS))) {
      cut();
      if (this.living && !(await this.#confirms(LAST_MS))) {
        this.#settings.log('error', 'a media worker does not answer and is killed', { place: this.placeId });
        this.#kill();
      }
    }
    await this.#killed;
  }

  /**
   * Whether the worker has done in time what was asked of it before. One that ends meanwhile has. The time is counted in
   * short looks: while this process is busy with something else, a look takes longer, and the worker is not blamed for it.
   */
  async #confirms(ms: number): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return true;
    let done = false;
    const confirmed = worker.getResourceUsage().then(
      () => true,
      () => worker.closed || worker.died,
    );
    confirmed.then((is) => {
      done = is;
    });
    let answers = this.#answers;
    for (let looks = 0; looks < ms / LOOK_MS; looks++) {
      const look = new AbortController();
      await Promise.race([confirmed, sleep(LOOK_MS, undefined, look).catch(() => {})]);
      look.abort();
      // After a sleep that was too long, its answer may be here and not be read yet.
      if (!done) await nextTurn();
      if (done) return true;
      // It has answered what was asked before, so it is at work on much, and its time begins anew.
      if (this.#answers !== answers) looks = 0;
      answers = this.#answers;
    }
    return done;
  }

  /** Ends the process, by force if it does not go. Resolves when it is gone; idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #watchDescriptors(): Promise<void> {
    const wasShort = this.shortOfDescriptors;
    await this.#descriptors?.look();
    if (this.shortOfDescriptors === wasShort || !this.living) return;
    const fields = { place: this.placeId, ...this.descriptors };
    if (wasShort) this.#settings.log('info', 'a media worker has descriptors again', fields);
    else
      this.#settings.log(
        'error',
        'a media worker has hardly any descriptors left and takes no more members',
        fields,
      );
  }

  #measured(usage: types.WorkerResourceUsage): void {
    const cpuSeconds = (usage.ru_utime + usage.ru_stime) / 1000;
    const now = performance.now();
    this.#cpu = (cpuSeconds - this.#cpuSeconds) / Math.max((now - this.#lookedAt) / 1000, 0.001);
    this.#cpuSeconds = cpuSeconds;
    this.#residentBytes = usage.ru_maxrss * 1024;
    this.#lookedAt = now;
    this.#answers++;
    this.#openedSince = 0;
    this.#missed = 0;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (!worker || worker.subprocessClosed) return;
    const gone = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
    const force = setTimeout(() => this.#kill(), CLOSE_MS);
    this.#shut(worker);
    await gone;
    clearTimeout(force);
  }

  #shut(worker: types.Worker): void {
    try {
      worker.close();
    } catch {
      // It cannot be told any more.
      this.#kill();
    }
  }

  #kill(): void {
    const worker = this.#worker;
    if (!worker || worker.subprocessClosed) return;
    this.#killed ??= new Promise((resolve) => worker.once('subprocessclose', resolve));
    try {
      process.kill(worker.pid, 'SIGKILL');
    } catch {
      // It ended by itself between the check and the signal.
    }
  }
}
