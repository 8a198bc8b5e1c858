/** Bytes that a transport has sent since it was opened. */
export interface SentBytes {
  /** Of packets for the first time. */
  readonly first: number;
  /** Of packets that were sent again because its receiver asked for them. */
  readonly again: number;
}

/**
 * So many times what is sent may be sent again. A receiver who loses 20 % with a round trip of 300 ms, of which the engine does not
 * know yet, has each lost packet sent again 4.25 times: 0.85 of what is sent. At 40 % it is 1.87.
 */
const TIMES = 2;
/** And so many bytes a second: about a hundred packets. */
const PER_SECOND = 120_000;
/**
 * What was not used is kept up to so many bytes. After an outage everything of the last two seconds is sent again, which is what the
 * engine still has: of 16 Mbit/s that is 4 MB, and some of it more than once.
 */
const MOST = 8_000_000;

/** What the packets that a receiver asks for again may cost. */
export class RetransmissionBudget {
  #left = MOST;
  #sent: SentBytes = { first: 0, again: 0 };
  #at: number;

  /** `now`: monotonic, in milliseconds. */
  constructor(now: number) {
    this.#at = now;
  }

  /** Whether more was sent again than any receiver needs. */
  get exceeded(): boolean {
    return this.#left < 0;
  }

  /** Whether it is worth a look soon. */
  get isLow(): boolean {
    return this.#left < MOST / 2;
  }

  /** Takes what was sent since the last look. */
  look(sent: SentBytes, now: number): void {
    const first = sent.first - this.#sent.first;
    const again = sent.again - this.#sent.again;
    const earned = TIMES * first + (PER_SECOND * (now - this.#at)) / 1000;
    this.#left = Math.max(-MOST, Math.min(MOST, this.#left + earned - again));
    this.#sent = sent;
    this.#at = now;
  }
}

/** Packets that a consumer has sent in some time. */
export interface SentPackets<T> {
  readonly consumer: T;
  readonly first: number;
  readonly again: number;
}

/** So many packets may be sent again in that time beside. */
const PACKETS = 100;

/** The fewest consumers without which the others together keep within the bound, those first that exceed it most. */
export function greediest<T>(all: readonly SentPackets<T>[]): T[] {
  const excess = ({ first, again }: SentPackets<T>) => again - TIMES * first;
  const sorted = all.toSorted((one, other) => excess(other) - excess(one));
  let sum = sorted.reduce((total, one) => total + excess(one), 0);
  const found: T[] = [];
  for (const one of sorted) {
    if (sum <= PACKETS || excess(one) <= 0) break;
    sum -= excess(one);
    found.push(one.consumer);
  }
  return found;
}
