import type { Timers } from '../platform/platform.ts';
import type { Direction } from './media-handler.ts';
import { PathSilence } from './path-silence.ts';
import { type PictureReading, type Reading, read, type SoundReading } from './reading.ts';

/** How often the transports are read, in milliseconds. */
const EVERY_MS = 1000;

interface HealthHooks {
  /** The browser's counters of a transport, if there is one. */
  statistics(direction: Direction): Promise<RTCStatsReport | undefined>;
  /** Nothing comes over the path any more. Told at each reading, as long as it is so. */
  onSilent(direction: Direction): void;
  /** All pictures that are received. */
  onPictures(pictures: readonly PictureReading[]): void;
  /** All sounds that are received. */
  onSounds(sounds: readonly SoundReading[]): void;
}

/** Looks once a second at what the browser counts, from the time when media first gets through. */
export class Health {
  readonly #timers: Timers;
  readonly #hooks: HealthHooks;
  readonly #silence: Record<Direction, PathSilence> = { send: new PathSilence(), recv: new PathSilence() };
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(timers: Timers, hooks: HealthHooks) {
    this.#timers = timers;
    this.#hooks = hooks;
  }

  /** Begins to look; does nothing when it does already. */
  start(): void {
    if (!this.#closed) this.#cancel ??= this.#timers.after(EVERY_MS, () => void this.#look());
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    const [sent, received] = await Promise.all([this.#read('send'), this.#read('recv')]);
    if (this.#closed) return;
    this.#judge('send', sent);
    this.#judge('recv', received);
    if (received) {
      this.#hooks.onPictures(received.pictures);
      this.#hooks.onSounds(received.sounds);
    }
    this.#cancel = this.#timers.after(EVERY_MS, () => void this.#look());
  }

  async #read(direction: Direction): Promise<Reading | undefined> {
    // A transport that is being closed refuses.
    const report = await this.#hooks.statistics(direction).catch(() => undefined);
    return report && read(report);
  }

  #judge(direction: Direction, reading: Reading | undefined): void {
    const silence = this.#silence[direction];
    if (!reading) silence.reset();
    else if (silence.isSilent(reading, this.#timers.now())) this.#hooks.onSilent(direction);
  }
}
