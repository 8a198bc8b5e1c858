/** The members who receive in `bench:fanout`, all in one process. */
import { answerParent } from '../child.ts';
import { JanusSession } from '../janus/session.ts';
import type { RoomkeyEntry } from '../roomkey/publisher.ts';
import { watchCiphers } from './cipher.ts';
import { watchAtJanus } from './janus-watcher.ts';
import { watchAtRoomkey } from './roomkey-watcher.ts';
import { Tally } from './tally.ts';
import type { Watcher } from './watcher.ts';

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

  async joinJanus({ url, from, uris, count }: JanusWatch): Promise<void> {
    janus ??= await JanusSession.open(url);
    const session = janus;
    return join(Array.from({ length: count }, () => () => watchAtJanus(session, from, uris, tally)));
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
  /** Whom they receive. */
  readonly from: { readonly room: number; readonly feed: number };
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
