/**
 * `npm run bench:room-size`: whether what a change costs grows with the room, and how long the server's event loop stands
 * still when everybody in a large room is concerned at once.
 */
import { endChildrenWithUs } from './children.ts';
import { progress, readOptions } from './options.ts';
import { type Figure, median, report } from './report.ts';
import { type GrowthFigure, growthFigures, measureGrowth } from './room-size/growth.ts';
import { House } from './room-size/house.ts';
import { measureStalls, partOf, type StallFigure, stallFigures, takenBits } from './room-size/stalls.ts';

const help = `Measures what a change costs in small and in large rooms, and how long the server stands still at a large one.

Usage: npm run bench:room-size -- [options]

  --json         print the figures as one JSON object
  --figure TEXT  measure those alone whose name has this in it (growth, stall, ...), of ${growthFigures.join(', ')},
                 ${stallFigures.join(', ')}
  --runs N       runs, of which the medians count (3)
  --senders N    members who publish a microphone and a camera (20)
  --receivers N  receivers of the largest room, compared with 10 and 100 (1000)
  --seconds N    for how long each cost is measured (3)
  --quick        one run of a second with 4 senders and 30 receivers, which says that the program works
  --help`;

const { figure, quick, ...options } = readOptions(help, {
  figure: '',
  runs: 3,
  senders: 20,
  receivers: 1000,
  seconds: 3,
  quick: false,
});
const { runs, senders, receivers, seconds } = quick
  ? { runs: 1, senders: 4, receivers: 30, seconds: 1 }
  : options;
const growth = growthFigures.filter((name) => name.includes(figure));
const stalls = stallFigures.filter((name) => name.includes(figure));
const smallest = 10;
if (growth.length + stalls.length === 0 || receivers <= Math.max(smallest, senders)) {
  console.error(`--figure is in a name, --receivers is above 10 and above --senders.\n\n${help}`);
  process.exit(2);
}
const sizes = [smallest, 100].filter((size) => size < receivers).concat(receivers);

endChildrenWithUs();
const house = await House.start();

/** Of a stall without the time in which the server got no core. */
const own = ', own work';

/** What was measured, by figure and size, of each run. */
const measured = new Map<string, number[]>();
function note(name: string, size: number, value: number): void {
  const key = `${name}, ${size}`;
  measured.set(key, [...(measured.get(key) ?? []), value]);
}

if (growth.length > 0) {
  progress('to warm up: the compiler of the Node process is still at work');
  await measureGrowth(house, { figures: growth, senders, sizes: [3 * smallest], seconds: 2 * seconds });
}
for (let run = 1; run <= runs; run++) {
  progress(`run ${run} of ${runs}`);
  if (growth.length > 0)
    for (const [name, costs] of await measureGrowth(house, { figures: growth, senders, sizes, seconds }))
      for (const [size, cost] of costs) note(name, size, cost);
  for (const members of stalls.length > 0 ? sizes.slice(1) : [])
    for (const [name, stall] of await measureStalls(house, { figures: stalls, senders, members, seconds })) {
      note(name, members, stall.longest);
      note(`${name}${own}`, members, stall.longestOwn);
    }
}
await house.end();

report('room-size', [...growth.flatMap(growthRows), ...stalls.flatMap(stallRows)]);

function middle(name: string, size: number): number {
  return median(measured.get(`${name}, ${size}`) ?? []);
}

function growthRows(name: GrowthFigure): Figure[] {
  const peer = middle(name, smallest);
  return sizes.slice(1).map((size) => {
    const row = { unit: 'µs', ours: middle(name, size), peer };
    return size === receivers
      ? { figure: name, ...row, target: { below: 1.5 } }
      : { figure: `${name}, ${size} receivers`, ...row };
  });
}

/** Beside the longest stall when nothing happens. */
function stallRows(name: StallFigure): Figure[] {
  const row = (what: string, members: number, figure = what): Figure => {
    return { figure, unit: 'ms', ours: middle(what, members), peer: middle('idle', members) };
  };
  const parts = name === 'stall-take-all' ? takenBits.map(partOf) : [];
  return [
    { ...row(name, receivers), target: { below: 50, of: 'ours' } },
    ...parts.map((part) => row(part, receivers)),
    ...sizes.slice(1, -1).map((members) => row(name, members, `${name}, ${members} members`)),
    {
      figure: `${name}${own}`,
      unit: 'ms',
      ours: middle(`${name}${own}`, receivers),
      peer: middle(`idle${own}`, receivers),
    },
  ];
}
