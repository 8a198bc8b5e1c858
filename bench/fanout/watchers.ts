/** The members who receive in `bench:fanout`, all in one process. */
import { answerParent } from '../child.ts';
import { watchCiphers } from './cipher.ts';
import { watchAtJanus } from './janus-room.ts';
import { JanusSession } from './janus-session.ts';
import type { Watcher } from './room.ts';
import { type RoomkeyEntry, watchAtRoomkey } from './roomkey-room.ts';
import { Tally } from './tally.ts';

/** Watchers who are connecting at the same time. */
const parallel = 30;

const ciphers = watchCiphers();
const tally = new Tally();
/** Kept, so that no connection is garbage while it receives. */
const watchers: Watcher[] = [];
let janus: JanusSession | undefined;

const methods = {
  joinRoomkey: ({ entries }: { entries: RoomkeyEntry[] }): Promise<void> =>
    join(entries.map((entry) => () => watchAtRoomkey(entry, tally))),

  async joinJanus({ url, feed, uris, count }: JanusWatch): Promise<void> {
    janus ??= await JanusSession.open(url);
    const session = janus;
    return join(Array.from({ length: count }, () => () => watchAtJanus(session, feed, uris, tally)));
  },

  /** Packets received so far, by all watchers together. */
  received: (): number => tally.packets,
  negotiated: () => ({
    ciphers: [...ciphers],
    extensions: tally.extensions,
    unknownExtensions: tally.unknownExtensions,
  }),
};

export type WatcherMethods = typeof methods;

interface JanusWatch {
  readonly url: string;
  readonly feed: number;
  /** The header extensions that are taken of those that Janus offers. */
  readonly uris: string[];
  readonly count: number;
}

async function join(jobs: (() => Promise<Watcher>)[]): Promise<void> {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) watchers.push(await job());
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

answerParent(methods);
