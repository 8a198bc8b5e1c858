/** The members of `bench:revoke`, all in one process: real ICE, DTLS and SRTP for everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Direction } from '@roomkey/tickets/permissions';
import { answerParent } from '../child.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Member } from './member.ts';
import { settled, silentMs } from './pauses.ts';
import { Receptions } from './receptions.ts';
import type { Outflow } from './sent-packets.ts';
import { type MeasuredSlot, Pacer, packetsPerSecond } from './stream.ts';

/** The tickets of the one whose permissions change, for each slot and direction; all of the same second. */
export interface SubjectKeys {
  readonly full: string;
  readonly without: Readonly<Record<Direction, Readonly<Record<MeasuredSlot, string>>>>;
}

/** One permission taken: the ids of the requests on the subject's WebSocket that took it and gave it back, and what should end between. */
export interface Change {
  readonly id: number;
  readonly backId: number;
  readonly silenced: readonly Outflow[];
}

interface Phase {
  readonly direction: Direction;
  readonly slot: MeasuredSlot;
  /** See {@link settled}. */
  readonly settleMs: number;
  /** The receptions that go when the subject loses the permission. */
  affected: readonly Outflow[];
}

/** A receiver may cost a sender one key frame a second: whoever begins to receive a picture sooner than that has to wait for it. */
const pictureMs = 1100;
/** Milliseconds in which the server takes a burst. */
const burstMs = 5;

const receptions = new Receptions();
const members: Member[] = [];
let keys: SubjectKeys;
let phase: Phase;
let stream: Pacer | undefined;

const methods = {
  /** Lets everybody in; the first is the subject, on the port given, the second sends what the subject receives. */
  async enter({ url, entries, keys: given, port, streams }: Entering): Promise<void> {
    keys = given;
    for (const [index, entry] of entries.entries())
      members.push(await Member.enter(url, entry, { streams, localPort: index === 0 ? port : undefined }));
    const senders = [subject(), host()];
    for (const one of senders) await one.openSending();
    const tracks = await Promise.all(senders.map((one) => one.publish('microphone')));
    for (const member of members) await member.openReceiving(senders.includes(member) ? 1 : 2);
    for (const member of members) member.onConsumer = (offer) => receptions.opened(member, offer).catch(fail);
    await Promise.all(senders.map((one, index) => one.unpublish(tracks[index] ?? '')));
  },

  /** Publishes what is measured, and waits until everybody receives it; returns the SSRC that is sent. */
  async begin({ direction, slot, settleMs }: Omit<Phase, 'affected'>): Promise<number> {
    phase = { direction, slot, settleMs, affected: [] };
    const publisher = sender();
    const received = receptions.of(publisher.userId, slot, members.length - 1);
    await publisher.publish(slot);
    const opened = await received;
    const affected = direction === 'send' ? opened : opened.filter(({ member }) => member === subject());
    phase.affected = affected.map(({ outflow }) => outflow);
    return publisher.stream(slot).ssrc;
  },

  /** Takes and gives back so many times, while the publisher never stops sending. */
  async change({ count, perSecond = packetsPerSecond, burst = 0 }: Changing): Promise<Change[]> {
    const changes: Change[] = [];
    const pacer = startSending(perSecond);
    for (let done = 0; done < count; done++) {
      const began = performance.now();
      await flowing();
      for (let sent = 0; sent < burst; sent++) sender().send(phase.slot);
      if (burst > 0) await sleep(burstMs);
      changes.push(await takeAndGiveBack());
      const isPicture = phase.direction === 'recv' && phase.slot !== 'microphone';
      if (isPicture) await sleep(Math.max(0, began + pictureMs - performance.now()));
    }
    pacer.stop();
    return changes;
  },

  /** Sends without changing anything, until it is told to stop. */
  flow(): void {
    stream = startSending();
  },

  ebb: (): void => stream?.stop(),

  /** Ends what is published. */
  async end(): Promise<void> {
    const publisher = sender();
    await publisher.unpublish(publisher.trackId);
    publisher.nextStream(phase.slot);
  },
};

export type RevokeMemberMethods = typeof methods;

/** How permissions are taken. */
interface Changing {
  readonly count: number;
  /** Packets of the publisher per second. */
  readonly perSecond?: number;
  /** Packets that it sends at once before each change. */
  readonly burst?: number;
}

interface Entering {
  readonly url: string;
  readonly entries: SignedEntry[];
  readonly keys: SubjectKeys;
  /** The local TCP port of the subject's WebSocket. */
  readonly port: number;
  /** How often each slot can be begun. */
  readonly streams: number;
}

const subject = (): Member => members[0] as Member;
const host = (): Member => members[1] as Member;
const sender = (): Member => (phase.direction === 'send' ? subject() : host());

async function takeAndGiveBack(): Promise<Change> {
  const { direction, slot, affected } = phase;
  const member = subject();
  const id = member.wire.nextId;
  await member.wire.request('updatePrivateMapKey', { privateMapKey: keys.without[direction][slot] });
  await sleep(silentMs);
  const isSending = direction === 'send';
  const publisher = sender();
  const received = receptions.of(publisher.userId, slot, isSending ? members.length - 1 : 1);
  const backId = member.wire.nextId;
  await member.wire.request('updatePrivateMapKey', { privateMapKey: keys.full });
  if (isSending) await member.publish(slot);
  phase.affected = (await received).map(({ outflow }) => outflow);
  return { id, backId, silenced: affected };
}

function startSending(perSecond = packetsPerSecond): Pacer {
  const { slot } = phase;
  const publisher = sender();
  return new Pacer(perSecond, () => publisher.send(slot));
}

/** Waits until everybody has been sent something again, and a little longer. */
async function flowing(): Promise<void> {
  const enough = sender().sent + 2;
  while (sender().sent < enough) await sleep(1);
  await settled(phase.settleMs);
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

answerParent(methods);
