/** The members of `bench:room-size`, all in one process: WebSockets with transports, tracks and consumers of the engine, but no media. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Slot } from '@roomkey/tickets/permissions';
import { answerParent } from '../child.ts';
import { inLanes } from '../lanes.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Member, noTally, type Part, type Tally } from './member.ts';

/** Members who are entering at the same time. */
const width = 16;
/** Milliseconds after which what should come is given up. */
const patience = 300_000;

interface Entering extends Part {
  readonly url: string;
  readonly entries: readonly SignedEntry[];
}

/** The permissions that everybody has, and the slots that everybody receives. */
interface Had {
  readonly effective: number;
  readonly slots: readonly Slot[];
}

let members: Member[] = [];
let tally = noTally();
let visit: { readonly member: Member; readonly tally: Tally } | undefined;
/** Whose turn it is to make work for the others. */
let turn = 0;

const methods = {
  /** Lets members in; resolves when everybody inside has every consumer, ready. */
  async enter({ url, entries, ...part }: Entering): Promise<void> {
    await inLanes(entries, width, async (entry) => {
      members.push(await Member.enter(url, entry, part, tally));
    });
    await complete();
  },

  /** Lets one more in, unseen by the others; resolves when it has every consumer, ready. */
  async visit({ url, entry }: { url: string; entry: SignedEntry }): Promise<void> {
    const own = noTally();
    const part = { role: 'audience', sends: false, receives: true } as const;
    visit = { member: await Member.enter(url, entry, part, own), tally: own };
    const expected = sum((one) => one.tracks(anySlot));
    await until('the visitor has its consumers', () => own.consumers === expected);
  },

  /** The visitor leaves. */
  async endVisit(): Promise<void> {
    visit?.member.leave();
    await until('the visitor is out', () => visit?.tally.out !== 0);
    visit = undefined;
  },

  /** A sender publishes a screen, which everybody receives, and unpublishes it; so many times, in turns. */
  async publishScreens({ times }: { times: number }): Promise<void> {
    for (let done = 0; done < times; done++) {
      const sender = nextSender();
      await sender.publish('screen');
      await complete();
      await sender.unpublish('screen');
      await complete();
    }
  },

  /** A sender mutes its microphone, of which everybody else hears, and unmutes it; so many times, in turns. */
  async muteMicrophones({ times }: { times: number }): Promise<void> {
    for (let done = 0; done < times; done++) {
      const sender = nextSender();
      for (const muted of [true, false]) {
        const heard = tally.mutes + members.length - 1;
        await sender.setMuted('microphone', muted);
        await untilInside('everybody has heard of the mute', () => tally.mutes >= heard);
      }
    }
  },

  /** Resolves when all know of their permissions, and receive these slots of the others and no more. */
  async have({ effective, slots }: Had): Promise<void> {
    const know = () => members.every((one) => one.effective === effective);
    await untilInside('everybody knows of its permissions', know);
    await complete(slots);
  },

  /** The same, but resolves also when the media of members is lost; with the number of those. */
  async haveOrLost({ effective, slots }: Had): Promise<number> {
    try {
      await methods.have({ effective, slots });
    } catch (error) {
      if (tally.lost === 0) throw error;
    }
    return tally.lost;
  },

  /** Who sends publishes again what it does not publish any more. */
  async publishAgain({ slot }: { slot: Slot }): Promise<void> {
    await Promise.all(members.map((one) => one.sends && !one.publishes(slot) && one.publish(slot)));
  },

  /** Resolves when everybody's connection has ended. */
  async allOut(): Promise<void> {
    await until('everybody is out', () => tally.out === members.length);
    members = [];
    tally = noTally();
  },

  /** Everybody leaves. */
  async leave(): Promise<void> {
    for (const one of members) one.leave();
    await methods.allOut();
  },
};

export type RoomSizeMemberMethods = typeof methods;

const anySlot: readonly Slot[] = ['microphone', 'camera', 'screen'];

function sum(of: (one: Member) => number): number {
  return members.reduce((total, one) => total + of(one), 0);
}

function nextSender(): Member {
  const senders = members.filter(({ sends }) => sends);
  const sender = senders[turn++ % senders.length];
  if (!sender) throw new Error('nobody sends');
  return sender;
}

/** Resolves when everybody has a ready consumer for everything that the others publish in these slots. */
async function complete(slots = anySlot): Promise<void> {
  const expected = () => {
    const all = sum((one) => one.tracks(slots));
    return sum((one) => (one.receives ? all - one.tracks(slots) : 0));
  };
  await untilInside('everybody has the consumers', () => tally.consumers === expected());
}

async function untilInside(what: string, isSo: () => boolean): Promise<void> {
  await until(what, () => {
    const { out, lost, consumers } = tally;
    const all = `of ${members.length} members, with ${consumers} consumers`;
    if (out + lost > 0)
      throw new Error(`${out} ${all}, are out, and ${lost} have lost their media, before ${what}`);
    return isSo();
  });
}

/** Resolves when this is so. @throws when it never is */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > patience) throw new Error(`it never came to pass that ${what}`);
    await sleep(2);
  }
}

answerParent(methods);
