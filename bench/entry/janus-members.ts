/** The members of `bench:entry` at Janus: WebSockets without media. They stay until they are told to leave. */
import { answerParent } from '../child.ts';
import { subscribeAtJanus } from '../janus/room.ts';
import { JanusSession } from '../janus/session.ts';
import { type EntryPlan, type EntryRun, enterAll } from './plan.ts';

/** A room with the id of the one who publishes in it. */
export interface JanusFeed {
  readonly room: number;
  readonly feed: number;
}

let inside: JanusSession[] = [];

const methods = {
  run({
    url,
    plan,
    feeds,
  }: {
    url: string;
    plan: EntryPlan;
    feeds: readonly JanusFeed[];
  }): Promise<EntryRun> {
    return enterAll(plan, async (room) => {
      const from = feeds[room];
      if (!from) throw new Error('there is no such room');
      inside.push(await enter(url, from));
    });
  },

  leave(): void {
    for (const session of inside) session.close();
    inside = [];
  },
};

export type JanusMemberMethods = typeof methods;

/**
 * From the opening of the WebSocket until everything is offered to the member: a session, a handle with which the member joins, so that the
 * others are told of it and it is told who publishes, and a second handle that subscribes to that.
 */
async function enter(url: string, { room, feed }: JanusFeed): Promise<JanusSession> {
  const session = await JanusSession.open(url);
  const [member, receiver] = await Promise.all([session.attach(), session.attach()]);
  await session.message(member, { request: 'join', ptype: 'publisher', room });
  await subscribeAtJanus(session, receiver, { room, feed });
  return session;
}

answerParent(methods);
