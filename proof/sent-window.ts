import type { DisobedientClient, StreamName } from '@roomkey/testkit/disobedient';

type Counts = ReadonlyMap<StreamName, number>;

/** What one client puts on the wire in a window, and whether it really got there. */
export class SentWindow {
  readonly client: DisobedientClient;
  readonly #confirmed: () => Promise<number>;
  readonly #unit: number;
  #before = 0;
  #begin: Counts = new Map();
  #end: Counts = new Map();

  /** `confirmed` counts what arrived of this client alone, `unit` for each packet. */
  constructor(client: DisobedientClient, confirmed: () => Promise<number>, unit: number) {
    this.client = client;
    this.#confirmed = confirmed;
    this.#unit = unit;
  }

  async begin(): Promise<void> {
    this.#before = await this.#confirmed();
    this.#begin = countsOf(this.client);
  }

  /** Packets sent of the stream that was sent least. */
  get least(): number {
    const now = countsOf(this.client);
    return Math.min(...[...now].map(([name, packets]) => packets - (this.#begin.get(name) ?? 0)));
  }

  end(): void {
    this.#end = countsOf(this.client);
  }

  /** Packets of a stream between begin and end. */
  sent(stream: StreamName): number {
    return (this.#end.get(stream) ?? 0) - (this.#begin.get(stream) ?? 0);
  }

  /** Every packet the client had sent until the end, since it came. */
  get sentInAll(): number {
    return sum(this.#end.values());
  }

  /** Whether everything between begin and end has arrived. */
  async arrived(): Promise<boolean> {
    const packets = sum(this.#end.values()) - sum(this.#begin.values());
    return (await this.#confirmed()) - this.#before >= packets * this.#unit;
  }
}

function countsOf({ streams }: DisobedientClient): Counts {
  const entries = Object.entries(streams) as [StreamName, { readonly packets: number }][];
  return new Map(entries.map(([name, { packets }]) => [name, packets]));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
