import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../child.ts';
import { progress } from '../options.ts';
import { cpuSeconds } from '../usage.ts';
import type { RevokeServerMethods } from './server.ts';
import type { SourceMethods } from './source.ts';

/** Packets per second that every sink gets. */
const perSecond = 2000;
/** How near the load has to be to what is asked for, in shares of a core. */
const tolerance = 0.02;
const attempts = 20;

/** Uses of a worker's core over a time. */
export class WorkerUse {
  readonly #pid: number;
  #before: number;
  #since = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = cpuSeconds([pid]);
  }

  /** Share of a core since the last look. */
  look(): number {
    const [now, at] = [cpuSeconds([this.#pid]), performance.now()];
    const share = (now - this.#before) / ((at - this.#since) / 1000);
    this.#before = now;
    this.#since = at;
    return share;
  }
}

/** Adds plain sinks at the engine until its worker uses that share of a core, beside what flows already. */
export async function loadWorker(
  server: Child<RevokeServerMethods>,
  source: Child<SourceMethods>,
  { workerPid, share }: { readonly workerPid: number; readonly share: number },
): Promise<string> {
  const { port } = await server.call('openSinks');
  await source.call('send', { port, perSecond, kind: 'audio', ssrc: 7777, payloadType: 100 });
  await sleep(300);
  const use = new WorkerUse(workerPid);
  let count = 0;
  await sleep(1000);
  const idle = use.look();
  /** Of a core, for one more sink: learnt as they are added. */
  let each = 0.012;
  for (let attempt = 0; attempt < attempts; attempt++) {
    use.look();
    const before = await server.call('sinkPackets');
    const began = performance.now();
    await sleep(1000);
    const packets = await server.call('sinkPackets');
    const rate = ((packets - before) * 1000) / (performance.now() - began);
    const used = use.look();
    if (count > 0) each = Math.max(0.002, (used - idle) / count);
    const missing = Math.round((share - used) / each);
    if (Math.abs(share - used) <= tolerance || (count > 0 && missing === 0))
      return `${count} plain sinks, ${Math.round(rate)} packets/s to them, ${(100 * used).toFixed()} % of a core`;
    progress(`load: ${count} sinks, the worker uses ${(100 * used).toFixed()} % of a core`);
    // Not all at once: more than a core would be asked of it if the first guess was bad.
    const step = count === 0 ? Math.ceil(missing / 2) : missing;
    if (step > 0) await server.call('addSinks', { count: step });
    else await server.call('removeSinks', { count: -step });
    count += step;
    await sleep(500);
  }
  throw new Error('the load of the worker does not settle');
}
