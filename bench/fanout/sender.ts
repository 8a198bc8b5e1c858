/** The member who sends in `bench:fanout`, in a process of its own. */
import { answerParent } from '../child.ts';
import { createJanusRoom, publishAtJanus } from '../janus/room.ts';
import { JanusSession } from '../janus/session.ts';
import type { Publisher } from '../published.ts';
import { publishAtRoomkey, type RoomkeyEntry } from '../roomkey/publisher.ts';
import { watchCiphers } from './cipher.ts';
import { Stream } from './stream.ts';

const ciphers = watchCiphers();
let publisher: Publisher;
let stream: Stream;

const methods = {
  async publishAtRoomkey({ transportCc, ...entry }: RoomkeyEntry & { transportCc: boolean }): Promise<void> {
    start(await publishAtRoomkey(entry, transportCc), transportCc);
  },

  /** Makes the room, too; returns the id of the publisher. */
  async publishAtJanus({ url, room, transportCc }: JanusPublishing): Promise<number> {
    const session = await JanusSession.open(url);
    await createJanusRoom(session, { room, transportCc, notifyJoining: false });
    const { feed, ...connected } = await publishAtJanus(session, room, transportCc);
    start(connected, transportCc);
    return feed;
  },

  /** Packets sent so far. */
  sent: (): number => stream.packets,
  ciphers: (): string[] => [...ciphers],
};

interface JanusPublishing {
  readonly url: string;
  readonly room: number;
  readonly transportCc: boolean;
}

export type SenderMethods = typeof methods;

function start(connected: Publisher, transportCc: boolean): void {
  publisher = connected;
  stream = new Stream(transportCc, (sent, packet) => publisher.send(sent, packet));
}

answerParent(methods);
