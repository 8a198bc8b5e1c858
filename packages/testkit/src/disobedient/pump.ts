/** What a pump drives. */
export interface Pumped {
  /** Called every 20 ms, with the number of the beat. */
  beat(number: number): void;
  /** RTP packets that it has put on the wire, and that have arrived at it. */
  readonly sentInAll: number;
  readonly arrivedInAll: number;
}

/** What all that a pump ever drove have done. */
export interface Totals {
  readonly clients: number;
  readonly sent: number;
  readonly arrived: number;
}

/** Milliseconds between two beats of one client. */
const BEAT_MS = 20;
/** Clients take turns within a beat: all at once they would overflow the socket of the server. */
const TURNS = 5;

/** The one timer of all disobedient clients of a process. */
export class Pump {
  readonly #driven: readonly Set<Pumped>[] = Array.from({ length: TURNS }, () => new Set());
  readonly #timer: NodeJS.Timeout;
  #waiting: (() => void)[] = [];
  #turns = 0;
  #gone: Totals = { clients: 0, sent: 0, arrived: 0 };

  constructor() {
    this.#timer = setInterval(() => this.#turn(), BEAT_MS / TURNS);
  }

  add(one: Pumped): void {
    const [least] = [...this.#driven].sort((a, b) => a.size - b.size);
    least?.add(one);
  }

  remove(one: Pumped): void {
    for (const driven of this.#driven) if (driven.delete(one)) this.#gone = plus(this.#gone, one);
  }

  /** Of those that are driven, and of those that were. */
  get totals(): Totals {
    return this.#driven.flatMap((driven) => [...driven]).reduce(plus, this.#gone);
  }

  /** Resolves after the next turn. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    const turn = this.#turns++;
    const beat = Math.floor(turn / TURNS);
    for (const one of this.#driven[turn % TURNS] ?? []) one.beat(beat);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const plus = ({ clients, sent, arrived }: Totals, { sentInAll, arrivedInAll }: Pumped): Totals => ({
  clients: clients + 1,
  sent: sent + sentInAll,
  arrived: arrived + arrivedInAll,
});
