import { randomUUID } from 'node:crypto';
import type { types } from 'mediasoup';
import type { Descriptors } from '../../descriptors.ts';
import { reason } from '../media-error.ts';
import type { WorkerLoad } from './placement.ts';
import type { SentCheck } from './sent-check.ts';
import { WorkerAnswers } from './worker-answers.ts';
import { WorkerDescriptors } from './worker-descriptors.ts';
import { type Memory, memoryShare, WorkerMemory } from './worker-memory.ts';
import { WorkerResources } from './worker-resources.ts';
import {
  listenForMedia,
  openSentCheck,
  proveSrtp,
  SEND_MS,
  startProcess,
  type WorkerSettings,
} from './worker-start.ts';

/** A worker is killed when it ends in no time by itself. */
const CLOSE_MS = 2_000;
/** How long a worker may take to say that it has closed what it should, in ms. */
const CONFIRM_MS = 1_000;
/** How much longer it may take once the transports concerned are cut off. */
const LAST_MS = 500;
/** So long a worker that has shown that its SRTP works is not asked again, in ms. */
const TRUSTED_MS = 10_000;

/** One life of a worker process: a restarted worker is another life, and another place. */
export class WorkerLife {
  /** Names this life; unique for good. */
  readonly placeId = `worker-${randomUUID()}`;
  /** Which of the workers it is, from 0. */
  readonly index: number;
  readonly #settings: WorkerSettings;
  readonly #takesAgain: () => void;
  #worker: types.Worker | undefined;
  #server: types.WebRtcServer | undefined;
  #answers: WorkerAnswers | undefined;
  #sentCheck: SentCheck | undefined;
  #closed: Promise<void> | undefined;
  /** Set once the process was killed; resolves when it is gone. */
  #killed: Promise<void> | undefined;
  #missed = 0;
  #isReplaced = false;
  #cpuSeconds = 0;
  #residentBytes = 0;
  #lookedAt = performance.now();
  #cpu = 0;
  #openedSince = 0;
  #resources: WorkerResources | undefined;
  #srtpCheckedAt = 0;

  /** `takesAgain` is called when it takes transports again, because it has descriptors or memory again. */
  constructor(index: number, settings: WorkerSettings, takesAgain: () => void) {
    this.index = index;
    this.#settings = settings;
    this.#takesAgain = takesAgain;
  }

  /** Starts the process; `onDeath` runs once if it ends without `close`. @throws {MediaStartError} */
  async start(onDeath: () => void): Promise<void> {
    const started = await startProcess(this.#settings);
    const { worker } = started;
    this.#worker = worker;
    this.#answers = new WorkerAnswers(started, (error) => this.giveUp(error));
    if (this.#closed) {
      this.#shut(worker);
      return;
    }
    let server: types.WebRtcServer;
    try {
      server = await listenForMedia(worker, this.index, this.#settings);
      const descriptors = new WorkerDescriptors(worker.pid);
      await descriptors.look();
      this.#resources = this.#watchResources(worker.pid, descriptors);
      this.#srtpCheckedAt = performance.now();
      await proveSrtp(worker, this.#settings);
      this.#sentCheck = await openSentCheck(worker, server, this.#settings);
    } catch (error) {
      this.#shut(worker);
      throw error;
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

  /** Whether it takes more transports: it lives and has descriptors and memory left. */
  get takesTransports(): boolean {
    return this.living && !this.shortOfDescriptors && !this.fullOfMemory;
  }

  /** Whether it has so few free descriptors that somebody has to do something. */
  get shortOfDescriptors(): boolean {
    return this.#resources?.short ?? false;
  }

  /** Whether it has so much memory that somebody has to do something. */
  get fullOfMemory(): boolean {
    return this.#resources?.full ?? false;
  }

  /** Whether it got too much memory in its life: it hardly gives any back, so another one is needed in its place. */
  get isWornOut(): boolean {
    return this.living && (this.#resources?.isWornOut ?? false);
  }

  /** As at the last look; undefined where the system does not say. */
  get memory(): Memory | undefined {
    return this.#resources?.figures.memory;
  }

  /** As at the last look; undefined where the system does not say. */
  get descriptors(): Descriptors | undefined {
    return this.#resources?.figures.descriptors;
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
    this.#srtpCheckedAt = performance.now();
    await this.#resources?.look();
    // The check needs sockets: where there are none, it says nothing about SRTP, and members inside go on.
    if (this.shortOfDescriptors) return;
    await proveSrtp(worker, this.#settings).catch((error) => this.giveUp(error));
  }

  /** Reads what the worker uses; to be called every second, when what has arrived by then is read. One that leaves `hangSeconds` looks unanswered is killed. */
  look(): void {
    if (!this.living || !this.#worker) return;
    this.#missed++;
    if (this.#missed > (this.#settings.hangSeconds ?? 15)) {
      this.#settings.log('error', 'a media worker hangs and is killed', { place: this.placeId });
      this.#kill();
    }
    void this.#resources?.look();
    if (this.#missed > 1) return;
    this.#worker.getResourceUsage().then(
      (usage) => this.#measured(usage),
      (error) => this.giveUp(error),
    );
  }

  /** Ends a worker that nobody uses and that is worn out; another life follows. */
  replace(): void {
    this.#isReplaced = true;
    this.#settings.log('info', 'a media worker keeps memory that nobody uses, and is ended', {
      place: this.placeId,
      ...this.memory,
    });
    this.#kill();
  }

  /** It ends because it was worn out. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** A closing was sent to it, with which so many of its objects go. */
  closing(objects: number): void {
    if (this.living) this.#answers?.closing(objects);
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
   * Resolves when the worker has done everything asked of it before (its channel is in order) and has sent what waited in it,
   * or is gone: after a second in which it does not get on (see {@link WorkerAnswers.confirm}) `cut` is called, and the worker is
   * killed when it does not say so soon after either, or when what waits has not left in five seconds.
   */
  async confirmClosed(cut: () => void): Promise<void> {
    if (this.living && !(await this.#answers?.confirm(CONFIRM_MS))) {
      cut();
      if (this.living && !(await this.#answers?.confirm(LAST_MS))) {
        this.#settings.log('error', 'a media worker does not answer and is killed', { place: this.placeId });
        this.#kill();
      }
    }
    if (this.living && !(await this.#sentCheck?.hasSent(SEND_MS))) {
      this.#settings.log('error', 'a media worker cannot send what waits in it and is killed', {
        place: this.placeId,
      });
      this.#kill();
    }
    await this.#killed;
  }

  /** Ends the process, by force if it does not go. Resolves when it is gone; idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  #watchResources(pid: number, descriptors: WorkerDescriptors): WorkerResources {
    const { log, workerMemory = memoryShare(1) } = this.#settings;
    return new WorkerResources({
      placeId: this.placeId,
      descriptors,
      memory: new WorkerMemory(pid, workerMemory),
      log,
      enoughAgain: () => {
        if (this.living) this.#takesAgain();
      },
    });
  }

  #measured(usage: types.WorkerResourceUsage): void {
    const cpuSeconds = (usage.ru_utime + usage.ru_stime) / 1000;
    const now = performance.now();
    this.#cpu = (cpuSeconds - this.#cpuSeconds) / Math.max((now - this.#lookedAt) / 1000, 0.001);
    this.#cpuSeconds = cpuSeconds;
    this.#residentBytes = usage.ru_maxrss * 1024;
    this.#lookedAt = now;
    this.#answers?.answered();
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
