/**
 * `npm run bench:fanout`: what it costs a server to forward one member's microphone and camera to many watchers, against
 * Janus with its VideoRoom plugin, as shipped and with one event loop. All runs in a private network namespace.
 */

import { endChildrenWithUs } from './children.ts';
import { type Measurement, measure, type Sample } from './fanout/measurement.ts';
import { type Contestant, contestants } from './fanout/scene.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { progress, readOptions } from './options.ts';
import { transportCcUri } from './published.ts';
import { type Figure, median, report } from './report.ts';

const help = `Measures server CPU per delivered RTP packet, and memory per watcher, against Janus VideoRoom.

Usage: npm run bench:fanout -- [options]

  --json         print the figures as one JSON object
  --runs N       alternating runs of each server (5)
  --watchers N   watchers that the targets are for (60)
  --seconds N    seconds measured with that many watchers (4)
  --help`;

const options = readOptions(help, { runs: 5, watchers: 60, seconds: 4 });

if (!isInNamespace()) process.exit(await runInNamespace());
endChildrenWithUs();

const sets = [
  { suffix: '', transportCc: false, memory: 200 },
  { suffix: ', transport-cc', transportCc: true, memory: 350 },
] as const;
const windows = { settle: 1, last: options.seconds, others: 2 };
const suite = 'AEAD_AES_256_GCM';

const counts = [...[10, 30].filter((count) => count < options.watchers), options.watchers];

const figures: Figure[] = [];
const notes: string[] = [];
for (const set of sets) {
  const measured = await alternate(set.transportCc, counts);
  compare(measured, set.suffix);
  for (const count of counts) figures.push(...fanout(measured, count, set.suffix));
  const ours = measured.roomkey;
  figures.push({
    figure: `node-share${set.suffix}`,
    unit: '%',
    ours: median(samples(ours, options.watchers).map(({ controlShare }) => controlShare)),
    target: { below: 5 },
  });
  figures.push({
    figure: `memory-per-watcher${set.suffix}`,
    unit: 'KiB',
    ours: median(ours.map(({ kibibytesPerWatcher }) => kibibytesPerWatcher)),
    target: { below: set.memory },
  });
}
report('fanout', figures);
(process.argv.includes('--json') ? console.error : console.log)(`\n${notes.join('\n')}`);

type Measured = Record<Contestant, Measurement[]>;

/** Runs of all servers by turns, each turn in another order. */
async function alternate(transportCc: boolean, counts: readonly number[]): Promise<Measured> {
  const measured: Measured = { roomkey: [], 'janus-as-shipped': [], 'janus-one-loop': [] };
  for (let run = 0; run < options.runs; run++) {
    const first = run % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const result = await measure(contestant, transportCc, counts, windows);
      measured[contestant].push(result);
      const costs = [...result.samples].map(
        ([count, { perPacket }]) => `${perPacket.toFixed(1)} µs (${count})`,
      );
      const what = transportCc ? `${contestant}, transport-cc` : contestant;
      progress(`run ${run + 1} of ${options.runs}: ${what}: ${costs.join(', ')} per packet`);
    }
  }
  return measured;
}

/** Holds that all servers had the same cipher and header extensions, and notes what they were. */
function compare(measured: Measured, suffix: string): void {
  const agreed = contestants.map((contestant) => {
    const results = measured[contestant];
    const ciphers = distinct(results.flatMap((result) => result.ciphers));
    const extensions = distinct(results.flatMap((result) => result.extensions.map(shortName)));
    const delivered = results.flatMap(({ samples }) =>
      [...samples.values()].map((sample) => sample.delivered),
    );
    const unknown = distinct(results.flatMap(({ unknownExtensions }) => unknownExtensions.map(String)));
    notes.push(
      `${contestant}${suffix}: ${ciphers}; header extensions ${extensions}; ` +
        `ids in packets that nobody agreed on: ${unknown}; delivered at least ${Math.min(...delivered).toFixed(3)}`,
    );
    return `${ciphers}; ${extensions}`;
  });
  if (new Set(agreed).size > 1 || !agreed[0]?.startsWith(`${suite};`))
    throw new Error(`These cannot be compared:\n${notes.join('\n')}`);
}

function fanout(measured: Measured, count: number, suffix: string): Figure[] {
  const isLast = count === options.watchers;
  const cost = (contestant: Contestant) =>
    median(samples(measured[contestant], count).map(({ perPacket }) => perPacket));
  const figure = (peer: Contestant, below: number): Figure => ({
    figure: `${peer}${isLast ? '' : `, ${count} watchers`}${suffix}`,
    unit: 'µs/packet',
    ours: cost('roomkey'),
    peer: cost(peer),
    ...(isLast && { target: { below } }),
  });
  return [figure('janus-as-shipped', 0.5), figure('janus-one-loop', 1)];
}

function samples(measurements: readonly Measurement[], count: number): Sample[] {
  return measurements.flatMap((measurement) => measurement.samples.get(count) ?? []);
}

function shortName(uri: string): string {
  return uri === transportCcUri ? 'transport-cc' : (uri.split(':').at(-1) ?? uri);
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(', ') || 'none';
}
