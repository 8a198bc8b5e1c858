import type { SoundReading } from './reading.ts';

/** How long a sound may be made to wait for packets that are sent again, in milliseconds: one step after the other. */
const STEPS_MS = [0, 200, 300, 400, 500] as const;

/** Looks at a sound that are judged together. */
const LOOKS = 5;

/** In so many of them packets came too late, until the sound waits longer. A single gust is no reason. */
const LATE_LOOKS = 2;

/** How long no packet was missed until a sound waits less, in milliseconds. */
const QUIET_MS = 30_000;

interface Heard {
  late: number;
  asked: number;
  step: number;
  /** Whether packets came too late, in the last looks. */
  looks: boolean[];
  /** When a packet was missed last. */
  missedAt: number;
}

/**
 * Says how long a sound waits before it is heard. A packet that got lost comes again one round trip later. Chromium finds waiting for
 * it worth 20 ms for each percent that is lost: at 5 % and a round trip of 100 ms it asks for all packets again and plays none of them.
 */
export class SoundPatience {
  readonly #heard = new Map<string, Heard>();

  /** The sounds that shall wait longer or less from now on, with the milliseconds; 0 leaves it to the browser. `now` in milliseconds. */
  look(sounds: readonly SoundReading[], now: number): Map<string, number> {
    const changed = new Map<string, number>();
    const there = new Set(sounds.map(({ trackId }) => trackId));
    for (const trackId of this.#heard.keys()) if (!there.has(trackId)) this.#heard.delete(trackId);
    for (const sound of sounds) {
      const before = this.#heard.get(sound.trackId);
      const { late, asked } = sound;
      if (!before) this.#heard.set(sound.trackId, { late, asked, step: 0, looks: [], missedAt: now });
      else if (this.#judge(before, sound, now)) changed.set(sound.trackId, STEPS_MS[before.step] ?? 0);
    }
    return changed;
  }

  /** Whether the sound shall wait longer or less. */
  #judge(heard: Heard, { late, asked }: SoundReading, now: number): boolean {
    const isLate = late > heard.late;
    if (isLate || asked > heard.asked) heard.missedAt = now;
    heard.late = late;
    heard.asked = asked;
    heard.looks = [...heard.looks, isLate].slice(-LOOKS);
    const isTooSoon = heard.looks.filter(Boolean).length >= LATE_LOOKS;
    const isQuiet = now - heard.missedAt >= QUIET_MS;
    const step = heard.step + (isTooSoon ? 1 : isQuiet ? -1 : 0);
    if (step < 0 || step >= STEPS_MS.length || step === heard.step) return false;
    heard.step = step;
    heard.looks = [];
    heard.missedAt = now;
    return true;
  }
}
