/** Those who publish in `bench:entry` before anybody else enters: peers with ICE and DTLS, who then send nothing. */
import { answerParent } from '../child.ts';
import { createJanusRoom, publishAtJanus } from '../janus/room.ts';
import { JanusSession } from '../janus/session.ts';
import type { Publisher } from '../published.ts';
import { publishAtRoomkey, type RoomkeyEntry } from '../roomkey/publisher.ts';
import type { JanusFeed } from './janus-members.ts';

/** Kept, so that no connection is garbage. */
const publishers: Publisher[] = [];

const methods = {
  async enterRoomkey({ entries }: { entries: RoomkeyEntry[] }): Promise<void> {
    for (const entry of entries) publishers.push(await publishAtRoomkey(entry, false));
  },

  /** Makes that many rooms, too. */
  async enterJanus({ url, rooms }: { url: string; rooms: number }): Promise<JanusFeed[]> {
    const session = await JanusSession.open(url);
    const feeds: JanusFeed[] = [];
    for (let room = 1; room <= rooms; room++) {
      await createJanusRoom(session, { room, transportCc: false, notifyJoining: true });
      const publisher = await publishAtJanus(session, room, false);
      publishers.push(publisher);
      feeds.push({ room, feed: publisher.feed });
    }
    return feeds;
  },
};

export type PublisherMethods = typeof methods;

answerParent(methods);
