/**
 * `npm run bench:entry`: how many members a server admits per second of one core, against mediasoup alone asked to make the
 * same transports, tracks and consumers; and how long a watcher waits for the first frame in Chromium.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from '@roomkey/testkit/launch';
import { Child } from './child.ts';
import { endChildrenWithUs } from './children.ts';
import { clientCore, pin, serverCore } from './cores.ts';
import type { BareEngineMethods } from './entry/bare-engine.ts';
import { firstFrames } from './entry/first-frame.ts';
import type { MemberMethods } from './entry/members.ts';
import type { EntryPlan, EntryRun } from './entry/plan.ts';
import { progress, readOptions } from './options.ts';
import { median, report } from './report.ts';
import type { SignedEntry } from './signed-entry.ts';
import { cpuSeconds } from './usage.ts';

const help = `Measures entries per second of one core, and the time to the first frame in Chromium.

Usage: npm run bench:entry -- [options]

  --json       print the figures as one JSON object
  --runs N     alternating runs of server and bare engine (7)
  --rooms N    rooms of 10 members per run (100)
  --parallel N members who are entering at the same time (16)
  --frames N   watchers who wait for a first frame (15)
  --help`;

const { runs, rooms, parallel, frames } = readOptions(help, {
  runs: 7,
  rooms: 100,
  parallel: 16,
  frames: 15,
});
const plan: EntryPlan = { rooms, roomSize: 10, parallel: Math.min(parallel, rooms) };

/** Settings of the product as they are by default, on one core. */
const env = { ROOMKEY_WORKERS: '1', ROOMKEY_LOG_LEVEL: 'info', ROOMKEY_REQUESTS_PER_SECOND: '50' };

endChildrenWithUs();
const server = await ServerProcess.start({ env });
const serverPids = [server.pid, ...(await server.workerPids())];
for (const pid of serverPids) pin(pid, serverCore);
const url = `${server.url.replace('http', 'ws')}/rtc`;

const members = new Child<MemberMethods>(new URL('entry/members.ts', import.meta.url), { core: clientCore });
const engine = new Child<BareEngineMethods>(new URL('entry/bare-engine.ts', import.meta.url), {
  core: serverCore,
});
const enginePids = [engine.pid, await engine.call('start', { workerBin: process.env['ROOMKEY_WORKER_BIN'] })];
const capabilities = await members.call('capabilities', { url });

interface Rate {
  /** Entries per second of CPU time of all processes of the server. */
  readonly cpu: number;
  readonly clock: number;
}

async function measure(pids: readonly number[], run: () => Promise<EntryRun>): Promise<Rate> {
  const before = cpuSeconds(pids);
  const { entries, seconds } = await run();
  const used = cpuSeconds(pids) - before;
  return { cpu: entries / used, clock: entries / seconds };
}

const { issuer } = server;
const { sdkAppId } = server.application;
const signed = (run: number): SignedEntry[][] =>
  Array.from({ length: plan.rooms }, (_, room) =>
    Array.from({ length: plan.roomSize }, (_, member) => {
      const [userId, roomId] = [`user_${run + warmUps}_${room}_${member}`, 1 + room];
      const userSig = issuer.genUserSig(userId, 600);
      const privateMapKey = issuer.genPrivateMapKey(userId, 600, roomId, 255);
      return { sdkAppId, userId, userSig, privateMapKey, roomId };
    }),
  );

/** Runs that count for nothing: the compiler of both Node processes is still at work. */
const warmUps = 2;
const rates = { ours: [] as Rate[], peer: [] as Rate[] };
for (let run = 1 - warmUps; run <= runs; run++) {
  const entries = signed(run);
  const ours = await measure(serverPids, () => members.call('run', { url, plan, entries }));
  await members.call('leave');
  await sleep(1000); // Everybody's leaving is done before somebody else is measured.
  const peer = await measure(enginePids, () => engine.call('run', { plan, capabilities }));
  await engine.call('leave');
  await sleep(500);
  const which = run < 1 ? 'to warm up' : `${run} of ${runs}`;
  progress(`entries: run ${which}: ${ours.cpu.toFixed()} and ${peer.cpu.toFixed()} per second of CPU time`);
  if (run < 1) continue;
  rates.ours.push(ours);
  rates.peer.push(peer);
}
await Promise.all([members.end(), engine.end()]);

progress(`first frame: ${frames} watchers in Chromium`);
const firstFrame = await firstFrames(server, frames);
await server.dispose();

const middle = (list: readonly Rate[], which: keyof Rate) => median(list.map((rate) => rate[which]));
report('entry', [
  {
    figure: 'entries',
    unit: '1/s of CPU',
    ours: middle(rates.ours, 'cpu'),
    peer: middle(rates.peer, 'cpu'),
    target: { atLeast: 0.6 },
  },
  {
    figure: 'entries by the clock',
    unit: '1/s',
    ours: middle(rates.ours, 'clock'),
    peer: middle(rates.peer, 'clock'),
  },
  { figure: 'first-frame', unit: 'ms', ours: median(firstFrame), target: { below: 400 } },
  { figure: 'first-frame, longest', unit: 'ms', ours: Math.max(...firstFrame) },
]);
