import type { MediaLog } from '../media-log.ts';
import type { WorkerDescriptors } from './worker-descriptors.ts';
import type { WorkerMemory } from './worker-memory.ts';

/** What the resources of a worker are made of. */
interface Parts {
  readonly placeId: string;
  readonly descriptors: Pick<WorkerDescriptors, 'short' | 'figures' | 'look'>;
  readonly memory: Pick<WorkerMemory, 'full' | 'figures' | 'look'>;
  readonly log: MediaLog;
  /** There was too little of something, and there is enough of everything again. */
  readonly enoughAgain: () => void;
}

/** What a worker process needs of the system: files and memory. */
export class WorkerResources {
  readonly #parts: Parts;
  /** As it was told last. */
  #told = { short: false, full: false };
  /** Its memory was once within the bound. */
  #hadMemory = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether it has so few free descriptors that somebody has to do something. */
  get short(): boolean {
    return this.#parts.descriptors.short;
  }

  /** Whether it has so much memory that somebody has to do something. */
  get full(): boolean {
    return this.#parts.memory.full;
  }

  /** Whether it got too much memory in its life. A process hardly gives back to the system what it frees. */
  get isWornOut(): boolean {
    return this.full && this.#hadMemory;
  }

  /** As at the last look; undefined where the system does not say. */
  get figures(): {
    readonly descriptors: WorkerDescriptors['figures'];
    readonly memory: WorkerMemory['figures'];
  } {
    const { descriptors, memory } = this.#parts;
    return { descriptors: descriptors.figures, memory: memory.figures };
  }

  /** Looks, and tells once what has changed. Never rejects. */
  async look(): Promise<void> {
    const { placeId: place, descriptors, memory, log, enoughAgain } = this.#parts;
    await Promise.all([descriptors.look(), memory.look()]);
    const before = this.#told;
    const { short, full } = this;
    this.#told = { short, full };
    this.#hadMemory ||= !full;
    if (short && !before.short)
      log('error', 'a media worker has hardly any descriptors left and takes no more members', {
        place,
        ...descriptors.figures,
      });
    if (full && !before.full)
      log('error', 'a media worker has too much memory and takes no more members', {
        place,
        ...memory.figures,
      });
    if (before.short && !short)
      log('info', 'a media worker has descriptors again', { place, ...descriptors.figures });
    if (before.full && !full) log('info', 'a media worker has memory again', { place, ...memory.figures });
    if ((before.short || before.full) && !short && !full) enoughAgain();
  }
}
