import { type DisobedientClient, packetBytes, srtpBytes } from '@roomkey/testkit/disobedient';
import { type Row, rows } from './permission-model.ts';
import { SentWindow } from './sent-window.ts';
import type { Stage } from './stage.ts';
import { Tally } from './tally.ts';

/** Packets that a stream must have brought to count as flowing, and that must really have been sent. */
export const enough = 20;
/** Packets of each stream that are sent in a window. */
const WINDOW_PACKETS = 24;
/** Milliseconds that anything in a window may take. */
const LONGEST_MS = 10_000;

/** The window showed nothing, because too little was sent or arrived of what nobody forbids: measure again. */
export class LackingWindow extends Error {
  override readonly name = 'LackingWindow';
}

/** What was seen of one row in a window. */
export interface RowFlow extends Row {
  /** Packets of the row's stream that were sent, and confirmed by the server's transport or by the relay. */
  readonly sent: number;
  /** Packets with an SSRC that the server announced for the row. */
  readonly packets: number;
  /** Packets of the row's stream with any other SSRC. */
  readonly others: number;
  /** The SSRCs that the row's stream came with. */
  readonly ssrcs: readonly number[];
  /** Packets of the control that arrived by the same way. */
  readonly control: number;
}

/** Who is measured; `inside`: its transports exist at the server. */
export interface Measured {
  readonly client: DisobedientClient;
  readonly inside: boolean;
}

/**
 * From its making on, counts what flows between a member and its partner. A packet belongs to the window when its number
 * says that it was sent after that: what was still under way is told apart, and nothing has to be waited for.
 */
export class FlowWindow {
  readonly #stage: Stage;
  readonly #measured: Measured;
  readonly #up: Tally;
  readonly #down: Tally;
  /** Nothing reaches or leaves who is out: then the partner hears itself, over the same port of the same worker. */
  readonly #own: Tally;

  constructor(stage: Stage, measured: Measured) {
    const { partner } = stage;
    const { client } = measured;
    this.#stage = stage;
    this.#measured = measured;
    this.#up = new Tally(client, partner.arrivals);
    this.#down = new Tally(partner, client.arrivals);
    this.#own = new Tally(partner, partner.arrivals);
  }

  /**
   * Resolves when every stream was sent often enough, everything that is to flow has flowed (or does not), and controls
   * that were sent after all that have arrived: what is not to flow would have arrived before them.
   *
   * @throws {LackingWindow} unless something arrived that was not to: that is never measured again
   */
  async measure(flows: (row: Row) => boolean): Promise<RowFlow[]> {
    const [up, down] = this.#senders();
    for (const { client } of [up, down]) client.awake = true;
    try {
      const lacked = await this.#lacks(up, down, flows).catch((error: Error) => error.message);
      const seen = rows.map((row) => this.#seen(row, row.direction === 'send' ? up : down));
      const isThin = ({ sent, control }: RowFlow) => sent < enough || control < enough;
      const lacks = lacked ?? (seen.some(isThin) ? 'too few packets of the control arrived' : undefined);
      const leaks = (row: RowFlow) => !flows(row) && row.packets + row.others > 0;
      if (lacks !== undefined && !seen.some(leaks)) throw new LackingWindow(lacks);
      // A leak always counts. The other rows of its window count only if enough packets were sent and arrived.
      return seen.filter((row) => leaks(row) || !isThin(row));
    } finally {
      for (const { client } of [up, down]) client.awake = false;
    }
  }

  /** Whether everything that flows has brought so many packets, sooner or later. */
  async settled(flows: (row: Row) => boolean, packets: number): Promise<boolean> {
    const both = [this.#measured.client, this.#stage.partner];
    for (const one of both) one.awake = true;
    const settled = await this.#waitFor(() =>
      rows.every((row) => !flows(row) || this.#counted(row).packets >= packets),
    );
    for (const one of both) one.awake = false;
    return settled;
  }

  /** Counts no more. */
  close(): void {
    for (const tally of [this.#up, this.#down, this.#own]) tally.stop();
  }

  /** What the window lacks to show anything. */
  async #lacks(up: SentWindow, down: SentWindow, flows: (row: Row) => boolean): Promise<string | undefined> {
    await Promise.all([up.begin(), down.begin()]);
    const sent = await this.#waitFor(() => Math.min(up.least, down.least) >= WINDOW_PACKETS);
    await this.#waitFor(() => rows.every((row) => !flows(row) || this.#counted(row).packets >= enough));
    up.end();
    down.end();
    if (!sent) return 'too few packets were sent';
    if (!(await this.#flushed(up))) return 'the control did not flow';
    const arrived = await Promise.all([up.arrived(), down.arrived()]);
    return arrived.includes(false) ? 'packets did not arrive at the server' : undefined;
  }

  #senders(): readonly [SentWindow, SentWindow] {
    const { client, inside } = this.#measured;
    const onWire = packetBytes + srtpBytes;
    const of = (one: DisobedientClient) => new SentWindow(one, () => this.#stage.bytesFrom(one), onWire);
    const up = inside ? of(client) : new SentWindow(client, async () => client.relayed, 1);
    return [up, of(this.#stage.partner)];
  }

  /** What was sent has been dealt with, where it is to flow and where it is not. */
  async #flushed(up: SentWindow): Promise<boolean> {
    const { client, inside } = this.#measured;
    const { partner } = this.#stage;
    if (!inside && !(await this.#waitFor(() => client.relayed >= up.sentInAll))) return false;
    const ofClient = client.streams.control.packets;
    const ofPartner = partner.streams.control.packets;
    return this.#waitFor(() =>
      inside
        ? this.#up.last('control') > ofClient && this.#down.last('control') > ofPartner
        : this.#own.last('control') > ofPartner,
    );
  }

  #counted({ direction, slot }: Row): { readonly packets: number; readonly all: number } {
    const { client } = this.#measured;
    const { partner } = this.#stage;
    const [tally, announced] =
      direction === 'send'
        ? [this.#up, partner.arrivals.announced(client.userId, slot)]
        : [this.#down, client.arrivals.announced(partner.userId, slot)];
    return { packets: tally.packets(slot, announced), all: tally.packets(slot) };
  }

  #seen(row: Row, sender: SentWindow): RowFlow {
    const { direction, slot } = row;
    const { packets, all } = this.#counted(row);
    const tally = direction === 'send' ? this.#up : this.#down;
    const control = this.#measured.inside ? tally : this.#own;
    return {
      direction,
      slot,
      sent: sender.sent(slot),
      packets,
      others: all - packets,
      ssrcs: tally.ssrcs(slot),
      control: control.packets('control'),
    };
  }

  async #waitFor(condition: () => boolean): Promise<boolean> {
    const giveUp = performance.now() + LONGEST_MS;
    while (!condition()) {
      if (performance.now() > giveUp) return false;
      await this.#stage.world.pump.next();
    }
    return true;
  }
}
