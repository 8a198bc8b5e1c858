/**
 * `npm run bench:network`: what people see and hear in Chromium when links lose packets, are narrow or break. Server and members are
 * in network namespaces of their own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { tbf } from '@roomkey/testkit/network';
import { endChildrenWithUs } from './children.ts';
import { rowsOf } from './network/figures.ts';
import { type Outcome, play } from './network/run.ts';
import { figures, scenarios } from './network/scenarios.ts';
import { Stage } from './network/stage.ts';
import { progress, readOptions } from './options.ts';
import { report } from './report.ts';

const help = `Measures what Chromium shows and plays on bad networks.

Usage: npm run bench:network -- [options]

  --json           print the figures as one JSON object
  --scenario TEXT  run those alone whose name has this in it
  --figure TEXT    run those alone that a figure with this in its name is made of
  --runs N         runs of each scenario (3)
  --list           print the scenarios and the figures that each is for
  --no-peer        do not run Janus
  --log            print the server's log at the end
  --tapes FOLDER   write there what every page noted, one JSON file for each run of a scenario
  --help`;

const options = readOptions(help, {
  scenario: '',
  figure: '',
  runs: 3,
  list: false,
  'no-peer': false,
  log: false,
  tapes: '',
});
if (options.list) {
  for (const { name, about, measures } of scenarios) {
    const made = new Set(measures.flatMap(({ figure }) => figure ?? []));
    console.log(`${name.padEnd(14)} ${about}${made.size > 0 ? ` (${[...made].join(', ')})` : ''}`);
  }
  console.log(`\nfigures: ${Object.keys(figures).join(', ')}; every scenario counts for frozen-for-good`);
  process.exit(0);
}
const chosen = scenarios.filter(
  ({ name, measures }) =>
    name.includes(options.scenario) &&
    ('frozen-for-good'.includes(options.figure) ||
      measures.some(({ figure }) => figure?.includes(options.figure))),
);
if (chosen.length === 0) {
  console.error(`No scenario has this name and is for this figure.\n\n${help}`);
  process.exit(2);
}
endChildrenWithUs();

if (options.tapes) mkdirSync(options.tapes, { recursive: true });
const hasPeer = !options['no-peer'] && chosen.some(({ peer }) => peer);
const stage = await Stage.open();
const peerStage = hasPeer ? await Stage.open('janus') : undefined;
const peers = new Map<string, Outcome>();
const outcomes = new Map(chosen.map(({ name }) => [name, [] as Outcome[]]));
const loads: number[] = [];
let room = 0;
for (let run = 1; run <= options.runs; run++) {
  for (const scenario of chosen) {
    if (scenario.once && run > 1) continue;
    const outcome = await play(stage, scenario, ++room, (notes) => {
      if (options.tapes)
        writeFileSync(join(options.tapes, `${scenario.name}-${run}.json`), JSON.stringify(notes));
    });
    outcomes.get(scenario.name)?.push(outcome);
    loads.push(loadavg()[0] ?? 0);
    progress(`run ${run} of ${options.runs}: ${scenario.name}: ${describe(scenario, outcome)}`);
    if (run > 1 || !scenario.peer || !peerStage) continue;
    const peer = await play(peerStage, scenario, room);
    peers.set(scenario.name, peer);
    progress(`Janus: ${scenario.name}: ${describe(scenario, peer)}`);
  }
}
if (options.log) console.error(stage.log);
await Promise.all([stage.close(), peerStage?.close()]);

report('network', rowsOf(chosen, outcomes, peers));
const notes = [
  `narrow links: tbf with the rate of the row, burst ${tbf.burst}, latency ${tbf.latency}`,
  `load average: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
];
(process.argv.includes('--json') ? console.error : console.log)(`\n${notes.join('\n')}`);

function describe({ measures }: (typeof chosen)[number], { measured, dead, sent }: Outcome): string {
  const values = measures.map(
    ({ what, of, at }, index) => `${what} ${of}→${at} ${Number((measured[index] ?? 0).toPrecision(3))}`,
  );
  const senders = Object.entries(sent).map(
    ([name, { width, fps, kilobits, keyFrames }]) =>
      `${name} sent ${width} px, ${fps.toFixed(1)} fps, ${kilobits.toFixed()} kbit/s, ${keyFrames} key frames`,
  );
  const frozen = dead.length > 0 ? [`no moving picture: ${dead.join(', ')}`] : [];
  return [...values, ...senders, ...frozen].join('; ');
}
