/** The members of `bench:change`: WebSockets with transports, tracks and consumers of the engine, but no media. */
import type { Slot } from '@roomkey/tickets/permissions';
import { answerParent } from '../child.ts';
import { absentPeer, publishedTracks } from '../entry/plan.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';

/** Members who are entering at the same time. */
const parallel = 16;

/** One who receives, as far as the server has told. */
interface Receiver {
  readonly publishes: boolean;
  effective: number;
  /** The consumers that are open, and whether their packets may flow. */
  readonly consumers: Map<string, { readonly slot: Slot; ready: boolean }>;
}

/** What everybody should have: the permission byte, and the slots received from each other who publishes. */
interface Expected {
  readonly effective: number;
  readonly slots: readonly Slot[];
}

const receivers = new Set<Receiver>();
const wrong = new Set<Receiver>();
const kept: Wire[] = [];
let publishers = 0;
let expected: Expected = { effective: 255, slots: publishedTracks.map(({ slot }) => slot) };
let allRight: (at: number) => void = () => {};

const methods = {
  /** Lets members in, the first `publishing` of whom publish a microphone and a camera; all receive everything. */
  async enter({ url, entries, publishing }: Entering): Promise<void> {
    publishers = publishing;
    const waiting = entries.map((entry, index) => () => enter(url, entry, index < publishing));
    const lane = async () => {
      for (let job = waiting.shift(); job; job = waiting.shift()) await job();
    };
    const right = settled();
    await Promise.all(Array.from({ length: parallel }, lane));
    for (const receiver of receivers) judge(receiver);
    await right;
  },

  /** From now on this is right; `settled` says when it came to be. */
  expect(now: Expected): void {
    expected = now;
    wrong.clear();
    for (const receiver of receivers) if (!isRight(receiver)) wrong.add(receiver);
  },

  /** When everybody's media became right, in milliseconds of the computer's monotonic clock. */
  settled,

  /** Consumers that everybody together has. */
  consumers: (): number => [...receivers].reduce((sum, { consumers }) => sum + consumers.size, 0),
};

export type ChangeMemberMethods = typeof methods;

interface Entering {
  readonly url: string;
  readonly entries: SignedEntry[];
  readonly publishing: number;
}

function settled(): Promise<number> {
  return new Promise((resolve) => {
    allRight = resolve;
    if (wrong.size === 0 && receivers.size > 0) resolve(monotonicMs());
  });
}

async function enter(url: string, entry: SignedEntry, publishes: boolean): Promise<void> {
  const { wire, welcome } = await Wire.connect(url);
  kept.push(wire);
  const receiver: Receiver = { publishes, effective: 255, consumers: new Map() };
  receivers.add(receiver);
  wrong.add(receiver);
  wire.on('permissionChanged', ({ after }) => {
    receiver.effective = after;
    judge(receiver);
  });
  wire.on('consumerClosed', ({ consumerId }) => {
    receiver.consumers.delete(consumerId);
    judge(receiver);
  });
  wire.on('consumerOpened', async ({ consumerId, slot }) => {
    const consumer = { slot, ready: false };
    receiver.consumers.set(consumerId, consumer);
    await wire.request('consumerReady', { consumerId });
    consumer.ready = true;
    judge(receiver);
  });
  const { rtpCapabilities } = welcome;
  await wire.request('enter', { ...entry, rtpCapabilities, autoReceive: { audio: true, video: true } });
  for (const direction of publishes ? (['recv', 'send'] as const) : (['recv'] as const)) {
    const { transportId } = await wire.request('openTransport', { direction });
    await wire.request('connectTransport', { transportId, dtlsParameters: absentPeer });
    if (direction === 'recv') continue;
    for (const { slot, rtpParameters } of publishedTracks)
      await wire.request('publish', { transportId, slot, rtpParameters });
  }
}

/** Looks at somebody of whom something was heard; the last one who becomes right ends the waiting. */
function judge(receiver: Receiver): void {
  if (!isRight(receiver)) wrong.add(receiver);
  else if (wrong.delete(receiver) && wrong.size === 0) allRight(monotonicMs());
}

function isRight({ publishes, effective, consumers }: Receiver): boolean {
  const from = publishers - (publishes ? 1 : 0);
  const received = [...consumers.values()];
  return (
    effective === expected.effective &&
    received.length === from * expected.slots.length &&
    received.every(({ slot, ready }) => ready && expected.slots.includes(slot))
  );
}

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

answerParent(methods);
