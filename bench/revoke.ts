/**
 * `npm run bench:revoke`: how long packets go on leaving after a call takes the permission for them, and whether any leave after the
 * answer, from one capture of the wire; against the engine's own `close()`. All runs in a private network namespace.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Direction } from '@roomkey/tickets/permissions';
import { Child } from './child.ts';
import { endChildrenWithUs } from './children.ts';
import { pin, serverCore } from './cores.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { progress, readOptions } from './options.ts';
import { type Figure, median, quantile, report } from './report.ts';
import { cable, freeCable, layCable, slowCable } from './revoke/cable.ts';
import { loadWorker, WorkerUse } from './revoke/load.ts';
import type { RevokeMemberMethods } from './revoke/members.ts';
import { addChanges, addStops, noOutcome, type Outcome } from './revoke/outcome.ts';
import { ports, Recording } from './revoke/recording.ts';
import type { RevokeServerMethods } from './revoke/server.ts';
import type { SourceMethods } from './revoke/source.ts';
import { measuredSlots, packetsPerSecond } from './revoke/stream.ts';
import { sign } from './revoke/tickets.ts';

const help = `Measures how long packets leave after a call took the permission for them, against the engine's own close().

Usage: npm run bench:revoke -- [options]

  --json       print the figures as one JSON object
  --changes N  permissions taken, for each slot, direction and load (1000; to
                 receive pictures 60 at most)
  --members N  members in the room (30)
  --saturated N  permissions taken on a saturated link, for each slot and direction (60)
  --load N     percent of its core that the worker uses under load (75)
  --help`;

const options = readOptions(help, { changes: 1000, saturated: 60, members: 30, load: 75 });
if (options.members < 3) {
  console.error('--members is at least 3: one who loses permissions, one who sends to it, one who receives.');
  process.exit(2);
}
if (!isInNamespace()) process.exit(await runInNamespace());
endChildrenWithUs();

const directions: readonly Direction[] = ['send', 'recv'];
const sides = measuredSlots.flatMap((slot) => directions.map((direction) => ({ slot, direction })));
/** Changes by the server, and half as many stops of the engine alone, by turns. */
const batch = Math.min(100, options.changes);
/** Changes of the permission to receive a picture at most: there is one a second. */
const mostPictures = 60;
/** Changes that one stream is used for; less than half of the packets that it can have then. */
const perStream = 500;
/** A loaded computer takes longer until everything flows again. */
const settleMs = { idle: 4, loaded: 12, saturated: 150 };
/**
 * Before each change comes a burst that the cable needs 0.15 s for with 30 members; between them it takes everything. A socket's buffer
 * holds a tenth of the burst, so most of it waits in the worker when the call comes.
 */
const saturation = { megabits: 20, perSecond: 100, burst: 100 };
/** Milliseconds for which packets have to leave after the call if there was anything to wait for. */
const waitedMs = 20;

const namespace = await layCable();
const recording = await Recording.start();
const server = new Child<RevokeServerMethods>(new URL('revoke/server.ts', import.meta.url), { built: true });
const members = new Child<RevokeMemberMethods>(new URL('revoke/members.ts', import.meta.url), { namespace });
const source = new Child<SourceMethods>(new URL('revoke/source.ts', import.meta.url));

const running = await server.call('start', {
  ROOMKEY_WORKERS: '1',
  ROOMKEY_HOST: cable.server,
  ROOMKEY_MEDIA_LISTEN_IP: cable.server,
  ROOMKEY_MEDIA_PORT: String(ports.media),
  ROOMKEY_LOG_LEVEL: 'info',
  ROOMKEY_REQUESTS_PER_SECOND: '1000',
  ROOMKEY_CHANGES_PER_SECOND: '1000',
});
pin(running.workerPid, serverCore);
await enterAll();
const notes: string[] = [];
const idle = await measureAll('', settleMs.idle);
const saturated = await measureSaturated();
await members.call('begin', { slot: 'microphone', direction: 'send', settleMs: settleMs.idle });
await members.call('flow');
const load = { workerPid: running.workerPid, share: options.load / 100 };
notes.push(`load: ${await loadWorker(server, source, load)}, with ${options.members} members`);
progress(notes.at(-1) ?? '');
await members.call('ebb');
await members.call('end');
const loaded = await measureAll(' under load', settleMs.loaded);
await recording.complete();
await recording.stop();
await Promise.all([members.end(), source.end(), server.end()]);

report(
  'revoke',
  sides.flatMap((side) => figures(nameOf(side))),
);
(process.argv.includes('--json') ? console.error : console.log)(`\n${notes.join('\n')}`);

async function enterAll(): Promise<void> {
  progress(`${options.members} members enter`);
  // Idle, loaded, once while the load is brought about, and on the saturated link.
  const streams = 2 * Math.ceil((2 * options.changes) / perStream) + 2;
  const url = `ws://${cable.server}:${new URL(running.url).port}/rtc`;
  await members.call('enter', { url, ...sign(running, options.members), port: ports.subject, streams });
}

type Side = (typeof sides)[number];

interface Measured {
  readonly ours: Outcome;
  readonly peer: Outcome;
}

async function measureAll(how: string, settleMs: number): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>();
  const use = new WorkerUse(running.workerPid);
  for (const side of sides) {
    use.look();
    const began = performance.now();
    const result = await measure(side, settleMs);
    measured.set(nameOf(side), result);
    const used = (100 * use.look()).toFixed();
    const { ours, peer } = result;
    const uncounted = ours.uncounted + peer.uncounted;
    const seconds = ((performance.now() - began) / 1000).toFixed();
    const line = `${nameOf(side)}${how}: p99 ${p99(ours).toFixed(2)} ms, engine alone ${p99(peer).toFixed(2)} ms, ${ours.after} packets after the answer`;
    progress(`${line}; worker at ${used} % of a core, ${uncounted} did not count; ${seconds} s`);
  }
  return measured;
}

/** The changes alone: the engine's own `close()` promises nothing of what waits. */
async function measureSaturated(): Promise<Map<string, Outcome>> {
  const measured = new Map<string, Outcome>();
  const { megabits, ...sending } = saturation;
  slowCable(megabits);
  for (const side of sides) {
    const outcome = noOutcome();
    const sender = await members.call('begin', { ...side, settleMs: settleMs.saturated });
    while (outcome.latencies.length < options.saturated) {
      if (outcome.uncounted > options.saturated) throw new Error('too few of the changes count');
      const count = Math.min(25, options.saturated - outcome.latencies.length);
      const changes = await members.call('change', { count, ...sending });
      await recording.complete();
      addChanges(outcome, changes, recording, sender);
      recording.forget();
    }
    await members.call('end');
    if (median(outcome.latencies) < waitedMs) throw new Error('the link was not saturated');
    measured.set(nameOf(side), outcome);
    progress(
      `${nameOf(side)} on a saturated link: p50 ${median(outcome.latencies).toFixed()} ms, ${outcome.after} packets after the answer, ${outcome.uncounted} did not count`,
    );
  }
  freeCable();
  return measured;
}

/** Takes and gives back one permission until enough changes count, and has the engine alone do the same by turns. */
async function measure(side: Side, settleMs: number): Promise<Measured> {
  const [ours, peer] = [noOutcome(), noOutcome()];
  const stream =
    side.slot === 'microphone'
      ? ({ kind: 'audio', mimeType: 'audio/opus', payloadType: 111, ssrc: 5001 } as const)
      : ({ kind: 'video', mimeType: 'video/VP8', payloadType: 96, ssrc: 5002 } as const);
  const bare = { direction: side.direction, stream, receivers: options.members - 1, settleMs };
  let sender = await members.call('begin', { ...side, settleMs });
  let used = 0;
  // Each takes a second: see `pictureMs`.
  const isPicture = side.direction === 'recv' && side.slot !== 'microphone';
  const wanted = isPicture ? Math.min(options.changes, mostPictures) : options.changes;
  const { port } = await server.call('openBare', bare);
  while (ours.latencies.length < wanted || peer.latencies.length < wanted / 2) {
    if (ours.uncounted + peer.uncounted > options.changes) throw new Error('too few of the changes count');
    if (used >= perStream) {
      await members.call('end');
      sender = await members.call('begin', { ...side, settleMs });
      used = 0;
    }
    const changes = await members.call('change', { count: batch });
    used += batch;
    await source.call('send', { port, ...stream, perSecond: packetsPerSecond });
    await sleep(50);
    const stops = await server.call('closeBare', { count: Math.ceil(batch / 2) });
    await source.call('stop', { port });
    await recording.complete();
    addChanges(ours, changes, recording, sender);
    addStops(peer, stops, recording);
    recording.forget();
    progress(`${nameOf(side)}: ${ours.latencies.length} of ${wanted}`);
  }
  await server.call('endBare');
  await members.call('end');
  return { ours, peer };
}

function figures(name: string): Figure[] {
  const [free, busy, full] = [idle.get(name), loaded.get(name), saturated.get(name)];
  if (!free || !busy || !full) throw new Error(`${name} was not measured`);
  return [
    {
      figure: `${name}-p50`,
      unit: 'ms',
      ours: median(free.ours.latencies),
      peer: median(free.peer.latencies),
    },
    {
      figure: `${name}-p99`,
      unit: 'ms',
      ours: p99(free.ours),
      peer: p99(free.peer),
      target: { below: 10, of: 'ours' },
    },
    {
      figure: `${name}-p50-loaded`,
      unit: 'ms',
      ours: median(busy.ours.latencies),
      peer: median(busy.peer.latencies),
    },
    {
      figure: `${name}-p99-loaded`,
      unit: 'ms',
      ours: p99(busy.ours),
      peer: p99(busy.peer),
      target: { below: 3 },
    },
    {
      figure: `${name}-after`,
      unit: 'packets',
      ours: free.ours.after + busy.ours.after,
      target: { atMost: 0 },
    },
    { figure: `${name}-p50-saturated`, unit: 'ms', ours: median(full.latencies) },
    {
      figure: `${name}-after-saturated`,
      unit: 'packets',
      ours: full.after,
      target: { atMost: 0 },
    },
  ];
}

function nameOf({ slot, direction }: Side): string {
  return `${slot}-${direction}`;
}

function p99({ latencies }: Outcome): number {
  return quantile(latencies, 0.99);
}
