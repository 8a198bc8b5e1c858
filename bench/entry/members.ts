/** The members of `bench:entry`: WebSockets without media. They enter for real and stay until they are told to leave. */
import type { RtpCapabilities, TransportOffer } from '@roomkey/protocol';
import { answerParent } from '../child.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';
import { absentPeer, type EntryPlan, type EntryRun, enterAll, publishedTracks } from './plan.ts';

let inside: Wire[] = [];

const methods = {
  /** What the server can send. */
  async capabilities({ url }: { url: string }): Promise<RtpCapabilities> {
    const { wire, welcome } = await Wire.connect(url);
    wire.close();
    return welcome.rtpCapabilities;
  },

  run({ url, plan, entries, firstPublishes }: Entering): Promise<EntryRun> {
    return enterAll(plan, async (room, member) => {
      const entry = entries[room]?.[member];
      if (!entry) throw new Error('somebody has no tickets');
      const does = !firstPublishes ? 'offered' : member === 0 ? 'publishes' : 'receives';
      inside.push(await enter(url, entry, does));
    });
  },

  leave(): void {
    for (const wire of inside) wire.close();
    inside = [];
  },
};

export type MemberMethods = typeof methods;

interface Entering {
  readonly url: string;
  readonly plan: EntryPlan;
  /** By room, in the order in which they enter. */
  readonly entries: readonly (readonly SignedEntry[])[];
  /** The first of each room publishes, the others receive; else somebody who publishes is inside already, and an entry ends with its offers. */
  readonly firstPublishes: boolean;
}

/** What somebody does who enters: publishes, receives, or waits only for what is offered to it. */
type Doing = 'publishes' | 'receives' | 'offered';

/** From the opening of the WebSocket until everything is published, or received as far as it is without media. */
async function enter(url: string, entry: SignedEntry, does: Doing): Promise<Wire> {
  const { wire, welcome } = await Wire.connect(url);
  const offered = does === 'publishes' ? undefined : everythingOffered(wire, does === 'receives');
  const { rtpCapabilities } = welcome;
  // All at once, as the SDK does: the server keeps what comes behind `enter` until it is answered.
  await Promise.all([
    wire.request('enter', { ...entry, rtpCapabilities, autoReceive: { audio: true, video: true } }),
    wire.request('openTransport', { direction: 'recv' }).then((transport) => connect(wire, transport)),
    does === 'publishes' &&
      wire.request('openTransport', { direction: 'send' }).then((transport) => publish(wire, transport)),
    offered,
  ]);
  return wire;
}

const connect = (wire: Wire, { transportId }: TransportOffer) =>
  wire.request('connectTransport', { transportId, dtlsParameters: absentPeer });

const publish = (wire: Wire, transport: TransportOffer) =>
  Promise.all([
    connect(wire, transport),
    ...publishedTracks.map(({ slot, rtpParameters }) =>
      wire.request('publish', { transportId: transport.transportId, slot, rtpParameters }),
    ),
  ]);

/** Resolves when as many tracks as are published in a room were announced, and made ready where that is asked. */
function everythingOffered(wire: Wire, makeReady: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let done = 0;
    wire.on('consumerOpened', async ({ consumerId }) => {
      try {
        if (makeReady) await wire.request('consumerReady', { consumerId });
        done++;
        if (done === publishedTracks.length) resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

answerParent(methods);
