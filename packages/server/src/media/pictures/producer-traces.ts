import type { types } from 'mediasoup';

type Kind = types.ProducerTraceEventType;
type Listener = (event: types.ProducerTraceEventData) => void;

/** What the engine tells of the packets of a producer. It takes one list of kinds, though each of several listeners wants its own. */
export class ProducerTraces {
  readonly #producer: types.Producer;
  readonly #listeners = new Map<Listener, readonly Kind[]>();

  constructor(producer: types.Producer) {
    this.#producer = producer;
    producer.on('trace', (event) => {
      for (const [listener, kinds] of this.#listeners) if (kinds.includes(event.type)) listener(event);
    });
  }

  /** From now on a listener, which throws nothing, hears of these kinds alone. It ends with the producer. */
  tell(listener: Listener, ...kinds: Kind[]): void {
    this.#listeners.set(listener, kinds);
    const all = new Set([...this.#listeners.values()].flat());
    // Nobody waits for it. When it fails, so does what is asked next, and that is heard.
    this.#producer.enableTraceEvent([...all]).catch(() => {});
  }
}
