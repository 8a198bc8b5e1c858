import { ServerProcess } from '@roomkey/testkit/launch';
import { Child } from '../child.ts';
import { clientCore, pin, serverCore } from '../cores.ts';
import { JanusServer } from '../janus/server.ts';
import { address } from '../namespace.ts';
import { transportCcUri } from '../published.ts';
import type { RoomkeyEntry } from '../roomkey/publisher.ts';
import type { SenderMethods } from './sender.ts';
import type { WatcherMethods } from './watchers.ts';

const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** The id of the room, at every server. */
const room = 1;

/** The three that are compared. */
export const contestants = ['roomkey', 'janus-as-shipped', 'janus-one-loop'] as const;
export type Contestant = (typeof contestants)[number];

/** The processes of a server. */
interface ServerPids {
  readonly media: number;
  /** The control plane, where it has a process of its own. */
  readonly control?: number;
}

/** One server on one core with a member who sends; watchers join on another core. */
export interface Scene {
  readonly pids: ServerPids;
  readonly sender: Child<SenderMethods>;
  readonly watchers: Child<WatcherMethods>;
  join(count: number): Promise<void>;
  end(): Promise<void>;
}

/** Starts a server anew, and somebody who sends. */
export async function openScene(contestant: Contestant, transportCc: boolean): Promise<Scene> {
  const sender = new Child<SenderMethods>(new URL('sender.ts', import.meta.url), { core: clientCore });
  const watchers = new Child<WatcherMethods>(new URL('watchers.ts', import.meta.url), { core: clientCore });
  const end = async () => {
    await Promise.all([sender.end(), watchers.end()]);
  };
  if (contestant === 'roomkey') {
    const server = await startRoomkey(transportCc);
    await sender.call('publishAtRoomkey', { ...server.entry('sender'), transportCc });
    let joined = 0;
    return {
      pids: server.pids,
      sender,
      watchers,
      join: (count) => {
        const entries = Array.from({ length: count }, () => server.entry(`watcher_${joined++}`));
        return watchers.call('joinRoomkey', { entries });
      },
      end: async () => {
        await end();
        await server.stop();
      },
    };
  }
  const janus = await JanusServer.start(serverCore, contestant === 'janus-one-loop' ? 1 : undefined);
  const { url, pid } = janus;
  const feed = await sender.call('publishAtJanus', { url, room, transportCc });
  const uris = transportCc ? [midUri, transportCcUri] : [midUri];
  return {
    pids: { media: pid },
    sender,
    watchers,
    join: (count) => watchers.call('joinJanus', { url, from: { room, feed }, uris, count }),
    end: async () => {
      await end();
      await janus.stop();
    },
  };
}

/** The product with its default settings, but one worker. */
async function startRoomkey(transportCc: boolean) {
  const server = await ServerProcess.start({
    env: {
      ROOMKEY_WORKERS: '1',
      ROOMKEY_MEDIA_LISTEN_IP: address,
      ROOMKEY_LOG_LEVEL: 'info',
      ROOMKEY_REQUESTS_PER_SECOND: '50',
      ROOMKEY_TRANSPORT_CC: transportCc ? 'on' : 'off',
    },
  });
  const control = server.pid;
  const [media] = await server.workerPids();
  if (media === undefined) throw new Error('the server has no media worker');
  for (const pid of [control, media]) pin(pid, serverCore);
  const { issuer, application } = server;
  const url = `${server.url.replace(/^http:\/\/\w+/, 'ws://127.0.0.1')}/rtc`;
  return {
    pids: { control, media },
    entry: (userId: string): RoomkeyEntry => ({
      url,
      entry: {
        sdkAppId: application.sdkAppId,
        userId,
        userSig: issuer.genUserSig(userId, 600),
        privateMapKey: issuer.genPrivateMapKey(userId, 600, room, 255),
        roomId: room,
      },
    }),
    stop: () => server.dispose(),
  };
}
