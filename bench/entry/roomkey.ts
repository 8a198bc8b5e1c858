import { ServerProcess } from '@roomkey/testkit/launch';
import { Child } from '../child.ts';
import { clientCore, pin, serverCore } from '../cores.ts';
import { address } from '../namespace.ts';
import type { SignedEntry } from '../signed-entry.ts';
import type { Contestant } from './contestant.ts';
import type { MemberMethods } from './members.ts';
import type { EntryPlan } from './plan.ts';
import type { PublisherMethods } from './publishers.ts';

/** Settings of the product as they are by default, on one core. */
const env = {
  ROOMKEY_WORKERS: '1',
  ROOMKEY_LOG_LEVEL: 'info',
  ROOMKEY_REQUESTS_PER_SECOND: '50',
  ROOMKEY_MEDIA_LISTEN_IP: address,
};

/** Room ids of those who enter beside a publisher; the others have smaller ones. */
const roomsBeside = 100_000;
/** Longer than the bench. */
const ticketSeconds = 7200;

/** The product on one core, and those who enter it. */
export async function openRoomkey() {
  const server = await ServerProcess.start({ env });
  const pids = [server.pid, ...(await server.workerPids())];
  for (const pid of pids) pin(pid, serverCore);
  const url = `${server.url.replace(/^http:\/\/\w+/, 'ws://127.0.0.1')}/rtc`;
  const members = new Child<MemberMethods>(new URL('members.ts', import.meta.url), { core: clientCore });
  const { issuer } = server;
  const { sdkAppId } = server.application;

  const sign = (userId: string, roomId: number): SignedEntry => {
    const userSig = issuer.genUserSig(userId, ticketSeconds);
    const privateMapKey = issuer.genPrivateMapKey(userId, ticketSeconds, roomId, 255);
    return { sdkAppId, userId, userSig, privateMapKey, roomId };
  };
  const signAll = ({ rooms, entering }: EntryPlan, run: number, firstRoom: number) =>
    Array.from({ length: rooms }, (_, room) =>
      Array.from({ length: entering }, (_, member) =>
        sign(`user_${run}_${room}_${member}`, firstRoom + room),
      ),
    );
  const contestant = (plan: EntryPlan, firstRoom: number, firstPublishes: boolean): Contestant => ({
    pids,
    enter(run) {
      const entries = signAll(plan, run, firstRoom);
      return () => members.call('run', { url, plan, entries, firstPublishes });
    },
    leave: () => members.call('leave'),
  });

  return {
    server,
    /** What the server can send. */
    capabilities: () => members.call('capabilities', { url }),
    /** Everybody enters, the first of each room to publish. */
    alone: (plan: EntryPlan) => contestant(plan, 1, true),
    /** Everybody enters rooms in which somebody publishes already. */
    async beside(plan: EntryPlan, publishers: Child<PublisherMethods>): Promise<Contestant> {
      const entries = Array.from({ length: plan.rooms }, (_, room) => ({
        url,
        entry: sign(`publisher_${room}`, roomsBeside + room),
      }));
      await publishers.call('enterRoomkey', { entries });
      return contestant(plan, roomsBeside, false);
    },
    end: () => members.end(),
  };
}
