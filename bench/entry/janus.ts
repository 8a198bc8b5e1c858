import { Child } from '../child.ts';
import { clientCore, serverCore } from '../cores.ts';
import { JanusServer } from '../janus/server.ts';
import type { Contestant } from './contestant.ts';
import type { JanusMemberMethods } from './janus-members.ts';
import type { EntryPlan } from './plan.ts';
import type { PublisherMethods } from './publishers.ts';

/** Janus on one core, with one who publishes in each room, and those who enter it. */
export async function openJanus(
  plan: EntryPlan,
  publishers: Child<PublisherMethods>,
  eventLoops?: number,
): Promise<Contestant & { end(): Promise<void> }> {
  const server = await JanusServer.start(serverCore, eventLoops);
  const members = new Child<JanusMemberMethods>(new URL('janus-members.ts', import.meta.url), {
    core: clientCore,
  });
  const feeds = await publishers.call('enterJanus', { url: server.url, rooms: plan.rooms });
  return {
    pids: [server.pid],
    enter: () => () => members.call('run', { url: server.url, plan, feeds }),
    leave: () => members.call('leave'),
    async end() {
      await members.end();
      await server.stop();
    },
  };
}
