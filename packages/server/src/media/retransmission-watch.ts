import type { MediaLog } from './media-log.ts';
import type { OpenConsumer, OpenTransport } from './open-media.ts';
import { greediest, RetransmissionBudget, type SentPackets } from './retransmission-budget.ts';

/** How often a receiver is looked at, in looks of the rate watch. One that has little left of its budget is looked at every time. */
const LOOKS = 4;
/** For so long a consumer pauses whose receiver had too much of it sent again, in ms; twice as long every time after that, up to a bound. */
const PAUSE_MS = 10_000;
const DOUBLINGS = 3;

interface Receiver {
  readonly budget: RetransmissionBudget;
  /** Looks until the next one. */
  wait: number;
  /** How often something of it paused. */
  pauses: number;
}

/** What a consumer had sent at the last look at it. */
interface Counted {
  readonly first: number;
  readonly again: number;
}

/**
 * Pauses the consumers whose receiver has more sent again than any receiver needs. The engine answers each request for a packet that it
 * still has once in a round trip, and believes the round trip that the receiver reports: so a few bytes can cost many.
 *
 * A look asks the engine one thing of each transport that receives; only of one that went too far it asks for each consumer.
 */
export class RetransmissionWatch {
  readonly #log: MediaLog;
  readonly #receivers = new WeakMap<OpenTransport, Receiver>();
  readonly #counted = new WeakMap<OpenConsumer, Counted>();
  #begun = 0;

  constructor(log: MediaLog) {
    this.#log = log;
  }

  /** To be called every second for each transport that receives. */
  async look(transport: OpenTransport): Promise<void> {
    const receiver = this.#receivers.get(transport) ?? this.#begin(transport);
    if (transport.consumers.size === 0 || --receiver.wait > 0) return;
    const [stat] = (await transport.handle.askIfOpen((engine) => engine.getStats())) ?? [];
    if (!stat) return;
    const { budget } = receiver;
    budget.look({ first: stat.rtpBytesSent, again: stat.rtxBytesSent }, performance.now());
    receiver.wait = budget.isLow ? 1 : LOOKS;
    if (budget.exceeded) await this.#pauseSome(transport, receiver);
  }

  #begin(transport: OpenTransport): Receiver {
    // Not all of those who came together in the same look.
    const wait = (this.#begun++ % LOOKS) + 1;
    const receiver = { budget: new RetransmissionBudget(performance.now()), wait, pauses: 0 };
    this.#receivers.set(transport, receiver);
    return receiver;
  }

  async #pauseSome(transport: OpenTransport, receiver: Receiver): Promise<void> {
    const sent: SentPackets<OpenConsumer>[] = [];
    for (const consumer of transport.consumers) {
      if (!consumer.forwarding.flows) continue;
      const counted = packets(await consumer.handle.askIfOpen((engine) => engine.getStats()));
      const before = this.#counted.get(consumer) ?? { first: 0, again: 0 };
      this.#counted.set(consumer, counted);
      sent.push({ consumer, first: counted.first - before.first, again: counted.again - before.again });
    }
    const paused = greediest(sent);
    if (paused.length === 0) return;
    const ms = PAUSE_MS * 2 ** Math.min(receiver.pauses++, DOUBLINGS);
    for (const { forwarding, handle } of paused) {
      forwarding.hold(this);
      handle.after(ms, () => forwarding.release(this));
    }
    this.#log('warn', 'a receiver had more packets sent again than any receiver needs: they pause', {
      room: transport.room,
      consumers: paused.length,
      seconds: ms / 1000,
    });
  }
}

function packets(
  streams: readonly { type: string; packetCount: number; packetsRetransmitted: number }[] = [],
) {
  const sent = streams.filter(({ type }) => type === 'outbound-rtp');
  const sum = (of: (stream: (typeof sent)[number]) => number) =>
    sent.reduce((total, stream) => total + of(stream), 0);
  return {
    first: sum(({ packetCount }) => packetCount),
    again: sum(({ packetsRetransmitted }) => packetsRetransmitted),
  };
}
