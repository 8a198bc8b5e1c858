/**
 * `npm run bench:start`: how long the server takes from its start until members can enter, the second time on its data
 * folder, and the memory of its Node process once nothing happens, without the media workers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from '@roomkey/testkit/launch';
import { endChildrenWithUs } from './children.ts';
import { progress, readOptions } from './options.ts';
import { median, report } from './report.ts';
import { residentBytes } from './usage.ts';

const help = `Measures the second start of the server until it is ready, and its memory when idle.

Usage: npm run bench:start -- [options]

  --json      print the figures as one JSON object
  --runs N    starts (7)
  --idle N    seconds from ready until memory is read (5)
  --help`;

const { runs, idle } = readOptions(help, { runs: 7, idle: 5 });

endChildrenWithUs();

const seconds: number[] = [];
const megabytes: number[] = [];
const server = await ServerProcess.start({
  env: { ROOMKEY_LOG_LEVEL: 'info', ROOMKEY_REQUESTS_PER_SECOND: '50' },
});
for (let run = 1; run <= runs; run++) {
  await server.stop();
  const spawned = performance.now();
  await server.start();
  seconds.push((performance.now() - spawned) / 1000);
  await sleep(idle * 1000);
  megabytes.push(residentBytes(server.pid) / 1e6);
  progress(`start ${run} of ${runs}: ${seconds.at(-1)?.toFixed(2)} s, ${megabytes.at(-1)?.toFixed()} MB`);
}
await server.dispose();

report('start', [
  { figure: 'ready', unit: 's', ours: median(seconds), target: { below: 2 } },
  { figure: 'resident', unit: 'MB', ours: median(megabytes), target: { below: 120 } },
]);
