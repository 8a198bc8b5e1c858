/**
 * `npm run bench:change`: an operator changes the permissions of everybody in a large room at once; how long until the
 * media of the last member is right, and how late the server's event loop is meanwhile.
 */
import { openAdmin } from '@roomkey/server/admin';
import { TicketIssuer } from '@roomkey/tickets';
import { Permission, presets } from '@roomkey/tickets/permissions';
import type { ChangeMemberMethods } from './change/members.ts';
import { Child } from './child.ts';
import { endChildrenWithUs } from './children.ts';
import { clientCore, serverCore } from './cores.ts';
import { progress, readOptions } from './options.ts';
import { median, report } from './report.ts';
import type { SignedEntry } from './signed-entry.ts';
import type { WatchedServerMethods } from './watched-server.ts';

const help = `Measures how long one change of permissions takes that an operator makes for a whole room.

Usage: npm run bench:change -- [options]

  --json          print the figures as one JSON object
  --members N     members in the room (500)
  --publishers N  how many of them publish a microphone and a camera (2)
  --changes N     changes measured, after two to warm up (20)
  --help`;

const { members, publishers, changes } = readOptions(help, { members: 500, publishers: 2, changes: 20 });
if (publishers < 2 || publishers > members) {
  console.error('--publishers is at least 2, so that everybody receives something, and at most --members.');
  process.exit(2);
}

endChildrenWithUs();
const room = { roomId: 1 };
const server = new Child<WatchedServerMethods>(new URL('watched-server.ts', import.meta.url), {
  core: serverCore,
  built: true,
});
const { url, dataDir, ...application } = await server.call('start', {
  env: { ROOMKEY_LOG_LEVEL: 'info', ROOMKEY_REQUESTS_PER_SECOND: '200' },
  // As the server itself does it for its metrics.
  resolution: 20,
});
const admin = await openAdmin({ folder: dataDir });
const { sdkAppId } = application;
await admin.call('app.set', { sdkAppId, settings: { maxMembersPerRoom: Math.max(members, 1000) } });

const audience = new Child<ChangeMemberMethods>(new URL('change/members.ts', import.meta.url), {
  core: clientCore,
});
const issuer = new TicketIssuer(application);
const entries: SignedEntry[] = Array.from({ length: members }, (_, index) => {
  const userId = `member_${index}`;
  const privateMapKey = issuer.genPrivateMapKey(userId, 3600, room.roomId, presets.anchor);
  return { sdkAppId, userId, userSig: issuer.genUserSig(userId, 3600), privateMapKey, ...room };
});
progress(`${members} members enter`);
await audience.call('enter', { url: `${url.replace('http', 'ws')}/rtc`, entries, publishing: publishers });

const both = Permission.recvAudio | Permission.recvVideo;
const sides = [
  { taken: Permission.recvVideo, slots: ['microphone'] },
  { taken: Permission.recvAudio, slots: ['camera'] },
] as const;

/** Takes one receive bit from everybody and gives the other back; milliseconds until all have what they should. */
async function change({ taken, slots }: (typeof sides)[number]): Promise<number> {
  await audience.call('expect', { effective: presets.anchor - taken, slots });
  await server.call('watchLoop');
  const right = audience.call('settled');
  const began = Number(process.hrtime.bigint()) / 1e6;
  const asked = { sdkAppId, room, users: 'all', mask: both, value: taken } as const;
  const { changed } = await admin.call('member.setDenied', asked);
  if (changed !== members) throw new Error(`the change reached ${changed} of ${members} members`);
  const answered = Number(process.hrtime.bigint()) / 1e6;
  const last = Math.max(await right, answered);
  await server.call('loopDelays');
  return last - began;
}

/** Holds that the engine has as many consumers as the members were told of. */
async function holdConsumers(): Promise<void> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, engine] = /^roomkey_consumers\{worker="0"\} (\d+)$/m.exec(text) ?? [];
  const told = await audience.call('consumers');
  if (Number(engine) !== told) throw new Error(`the engine has ${engine} consumers, the members ${told}`);
}

const warmUps = 2;
const times: number[] = [];
for (let index = -warmUps; index < changes; index++) {
  if (index === 0) await server.call('forgetDelays');
  const time = await change(sides[Math.abs(index) % 2 === 0 ? 0 : 1]);
  await holdConsumers();
  const which = index < 0 ? 'to warm up' : `${index + 1} of ${changes}`;
  progress(`change ${which}: everybody is right after ${time.toFixed()} ms`);
  if (index >= 0) times.push(time);
}
const delays = await server.call('loopDelays');
await admin.close();
await Promise.all([audience.end(), server.end()]);

report('change', [
  { figure: 'all-right', unit: 's', ours: median(times) / 1000, target: { below: 1 } },
  { figure: 'all-right, longest', unit: 's', ours: Math.max(...times) / 1000 },
  { figure: 'loop-delay', unit: 'ms', ours: delays.p99, target: { below: 25 } },
  { figure: 'loop-delay, longest', unit: 'ms', ours: delays.longest },
]);
