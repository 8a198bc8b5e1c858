import { type Descriptors, descriptorLimit, openDescriptors } from '../../descriptors.ts';

/** So many files have to be free, or a tenth of the limit where that is less. */
const MOST_RESERVED = 256;

/** Whether so few files are left that a worker takes no more transports. */
export const isShort = ({ open, limit }: Descriptors): boolean =>
  limit - open < Math.min(MOST_RESERVED, limit / 10);

/**
 * The files that a worker process has open. Every connection to its TCP port is one, whoever made it, and the worker itself
 * bounds neither their number nor their time. Without a free one it can neither accept a member over TCP nor read its own files.
 */
export class WorkerDescriptors {
  readonly #pid: number;
  readonly #limit: number | undefined;
  #open = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#limit = descriptorLimit(pid);
  }

  /** As at the last look; undefined where the system does not say. */
  get figures(): Descriptors | undefined {
    return this.#limit === undefined ? undefined : { open: this.#open, limit: this.#limit };
  }

  get short(): boolean {
    return this.figures !== undefined && isShort(this.figures);
  }

  /** Counts them. Never rejects. */
  async look(): Promise<void> {
    if (this.#limit !== undefined) this.#open = (await openDescriptors(this.#pid)) ?? this.#open;
  }
}
