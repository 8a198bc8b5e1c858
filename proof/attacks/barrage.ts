import {
  type DisobedientClient,
  type Header,
  markedPacket,
  packetBytes,
  type StreamName,
  srtpBytes,
} from '@roomkey/testkit/disobedient';
import { LackingWindow } from '../flow-window.ts';
import type { Stage } from '../stage.ts';
import { Tally } from '../tally.ts';

/** Packets of each sort that a barrage sends. */
const SORT_PACKETS = 24;
const LONGEST_MS = 10_000;

/** A sort of packets that nobody agreed to. */
export interface Sort extends Header {
  /** They go out in the place of packets of this stream, with its sequence numbers. */
  readonly inPlaceOf?: StreamName;
}

/** What a barrage came to. */
export interface Struck {
  readonly sent: number;
  readonly arrived: number;
  readonly control: number;
}

let barrages = 0x4000_0000;

/**
 * Sends packets of all these sorts beside the control, and counts those that arrive at the partner or come back. The server's
 * transport has to confirm all of them, and the control that was sent after them has to arrive.
 *
 * @throws {LackingWindow} unless one of them arrived
 */
export async function barrage(
  stage: Stage,
  client: DisobedientClient,
  sorts: readonly Sort[],
): Promise<Struck> {
  const who = ++barrages;
  const { partner } = stage;
  let arrived = 0;
  const stop = [partner, client].map(({ arrivals }) =>
    arrivals.listen((arrival) => {
      if (arrival.who === who) arrived++;
    }),
  );
  const control = new Tally(client, partner.arrivals);
  const before = { bytes: await stage.bytesFrom(client), sent: client.sentInAll };
  client.awake = true;
  let foreign = 0;
  try {
    for (let number = 1; number <= SORT_PACKETS; number++) {
      for (const sort of sorts) {
        const own = sort.inPlaceOf && client.streams[sort.inPlaceOf];
        const header = own ? { ...sort, sequence: ++own.packets } : sort;
        client.send(markedPacket(header, { who, stream: sort.inPlaceOf ?? 'control', number }));
        if (!own) foreign++;
      }
      const seen = client.streams.control.packets;
      await waitFor(() => client.streams.control.packets > seen, stage);
    }
    const sent = client.sentInAll - before.sent + foreign;
    const last = client.streams.control.packets;
    await waitFor(() => control.last('control') > last, stage);
    const bytes = (await stage.bytesFrom(client)) - before.bytes;
    if (bytes < sent * (packetBytes + srtpBytes) && arrived === 0)
      throw new LackingWindow('packets did not arrive at the server');
    return { sent: SORT_PACKETS * sorts.length, arrived, control: control.packets('control') };
  } finally {
    client.awake = false;
    control.stop();
    for (const undo of stop) undo();
  }
}

async function waitFor(condition: () => boolean, { world: { pump } }: Stage): Promise<void> {
  const giveUp = performance.now() + LONGEST_MS;
  while (!condition()) {
    if (performance.now() > giveUp) throw new LackingWindow('the control did not flow');
    await pump.next();
  }
}
