/**
 * `npm run bench:entry`: how many members a server admits per second of one core, against mediasoup alone asked to make the
 * same transports, tracks and consumers, and against Janus with its VideoRoom plugin; and how long a watcher waits for the first
 * frame in Chromium. All runs in a private network namespace.
 */
import { Child } from './child.ts';
import { endChildrenWithUs } from './children.ts';
import { clientCore } from './cores.ts';
import { type Contestant, measure, type Rate } from './entry/contestant.ts';
import { openEngine } from './entry/engine.ts';
import { firstFrames } from './entry/first-frame.ts';
import { openJanus } from './entry/janus.ts';
import { Occasions } from './entry/occasions.ts';
import type { PublisherMethods } from './entry/publishers.ts';
import { openRoomkey } from './entry/roomkey.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { progress, readOptions } from './options.ts';
import { type Figure, median, report } from './report.ts';

const help = `Measures entries per second of one core, and the time to the first frame in Chromium.

Usage: npm run bench:entry -- [options]

  --json       print the figures as one JSON object
  --figure TEXT  measure those alone whose name has this in it: entries, first-frame, first-frame-worst
  --runs N     alternating runs of server, bare engine and Janus (7)
  --rooms N    rooms of 10 members per run (100)
  --parallel N members who are entering at the same time (16)
  --frames N   watchers who wait for a first frame (15)
  --times N    times that each other occasion of a first frame is measured (3)
  --help`;

const options = readOptions(help, { figure: '', runs: 7, rooms: 100, parallel: 16, frames: 15, times: 3 });
if (!isInNamespace()) process.exit(await runInNamespace());
endChildrenWithUs();

const { runs, rooms, frames, times } = options;
const asked = (name: 'entries' | 'first-frame' | 'first-frame-worst') => name.includes(options.figure);
if (!asked('first-frame-worst') && !asked('entries')) {
  console.error(`--figure is in the name of no figure.\n\n${help}`);
  process.exit(2);
}
const parallel = Math.min(options.parallel, rooms);
const everybody = { rooms, entering: 10, parallel };
const watchers = { rooms, entering: 9, parallel };

type Name = 'roomkey' | 'engine' | 'roomkey-beside' | 'janus-one-loop' | 'janus-as-shipped';
const rates: Record<Name, Rate[]> = {
  roomkey: [],
  engine: [],
  'roomkey-beside': [],
  'janus-one-loop': [],
  'janus-as-shipped': [],
};

/** Runs that count for nothing: the compiler of the Node processes is still at work. */
const warmUps = 5;
let lastRun = 0;

/** Runs of all contestants by turns. */
async function alternate(contestants: Partial<Record<Name, Contestant>>): Promise<void> {
  for (let run = 1 - warmUps; run <= runs; run++) {
    const which = run < 1 ? 'to warm up' : `${run} of ${runs}`;
    for (const [name, contestant] of Object.entries(contestants) as [Name, Contestant][]) {
      const rate = await measure(contestant, ++lastRun);
      progress(`entries: run ${which}: ${name}: ${rate.cpu.toFixed()} per second of CPU time`);
      if (run >= 1) rates[name].push(rate);
    }
  }
}

async function measureEntries(): Promise<Figure[]> {
  const engine = await openEngine(everybody, await roomkey.capabilities());
  await alternate({ roomkey: roomkey.alone(everybody), engine });
  await engine.end();

  const publishers = new Child<PublisherMethods>(new URL('entry/publishers.ts', import.meta.url), {
    core: clientCore,
  });
  const oneLoop = await openJanus(watchers, publishers, 1);
  const asShipped = await openJanus(watchers, publishers);
  await alternate({
    'roomkey-beside': await roomkey.beside(watchers, publishers),
    'janus-one-loop': oneLoop,
    'janus-as-shipped': asShipped,
  });
  await Promise.all([publishers.end(), oneLoop.end(), asShipped.end()]);
  return [
    { ...compared('entries', 'cpu', 'roomkey', 'engine'), target: { atLeast: 0.3 } },
    compared('entries by the clock', 'clock', 'roomkey', 'engine'),
    { ...compared('entries-janus', 'cpu', 'roomkey-beside', 'janus-as-shipped'), target: { atLeast: 1 } },
    compared('entries-janus by the clock', 'clock', 'roomkey-beside', 'janus-as-shipped'),
    {
      ...compared('entries-janus-one-loop', 'cpu', 'roomkey-beside', 'janus-one-loop'),
      target: { atLeast: 1 },
    },
  ];
}

async function measureFirstFrames(): Promise<Figure[]> {
  progress(`first frame: ${frames} watchers in Chromium, and ${frames} while others come`);
  const { idle, busy } = await firstFrames(roomkey.server, frames);
  return [
    { figure: 'first-frame', unit: 'ms', ours: median(idle), target: { below: 400 } },
    { figure: 'first-frame, longest', unit: 'ms', ours: Math.max(...idle) },
    {
      figure: 'first-frame-busy',
      unit: 'ms',
      ours: median(busy),
      peer: median(idle),
      target: { below: 1.5 },
    },
    { figure: 'first-frame-busy, longest', unit: 'ms', ours: Math.max(...busy), peer: Math.max(...idle) },
  ];
}

async function measureOccasions(): Promise<Figure[]> {
  const rows = await Occasions.measure(roomkey.server, times, ({ row, waits }) =>
    progress(`first frame: ${row}: ${waits.map((ms) => ms.toFixed()).join(', ')} ms`),
  );
  const figures = rows.map(({ row, waits }) => ({ row, ours: median([...waits]) }));
  const isDeath = (row: string) => row.startsWith('worker death');
  const worst = figures.filter(({ row }) => !isDeath(row)).map(({ ours }) => ours);
  return [
    { figure: 'first-frame-worst', unit: 'ms', ours: Math.max(...worst), target: { below: 400 } },
    ...figures.map(({ row, ours }) => ({
      figure: `first-frame, ${row}`,
      unit: 'ms',
      ours,
      ...(isDeath(row) ? { target: { below: 2000 } } : {}),
    })),
  ];
}

const middle = (name: Name, which: keyof Rate) => median(rates[name].map((rate) => rate[which]));
const compared = (figure: string, which: keyof Rate, ours: Name, peer: Name): Figure => ({
  figure,
  unit: which === 'cpu' ? '1/s of CPU' : '1/s',
  ours: middle(ours, which),
  peer: middle(peer, which),
});
const roomkey = await openRoomkey();
const figures = asked('entries') ? await measureEntries() : [];
await roomkey.end();
if (asked('first-frame')) figures.push(...(await measureFirstFrames()));
if (asked('first-frame-worst')) figures.push(...(await measureOccasions()));
await roomkey.server.dispose();
report('entry', figures);
