/** Watchers of `bench:entry` who come into the room of the first frame: each receives its camera and leaves after a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../child.ts';
import type { RoomkeyEntry } from '../roomkey/publisher.ts';
import { type Receiver, receiveAtRoomkey } from '../roomkey/receiver.ts';

/** How long each stays, in ms. */
const STAY_MS = 2000;

const inside = new Set<Receiver>();
let coming: NodeJS.Timeout | undefined;
let failure: unknown;
let came = 0;

const methods = {
  /** One comes every so many milliseconds from now on; each entry is used again once its watcher has left. */
  begin({ entries, everyMs }: { entries: RoomkeyEntry[]; everyMs: number }): void {
    let next = 0;
    const come = () => {
      const entry = entries[next++ % entries.length];
      if (entry) watch(entry).catch((error) => (failure ??= error));
    };
    coming = setInterval(come, everyMs);
  },

  /** Says how many have come. @throws when one could not */
  async end(): Promise<number> {
    clearInterval(coming);
    await sleep(STAY_MS);
    for (const receiver of inside) receiver.close();
    if (failure) throw failure;
    return came;
  },
};

export type ComingWatcherMethods = typeof methods;

async function watch(entry: RoomkeyEntry): Promise<void> {
  const receiver = await receiveAtRoomkey(entry, 1, { scene: 'rtc', role: 'anchor' });
  came++;
  inside.add(receiver);
  await sleep(STAY_MS);
  receiver.close();
  inside.delete(receiver);
}

answerParent(methods);
