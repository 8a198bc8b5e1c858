import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../options.ts';
import { cpuSeconds, residentBytes } from '../usage.ts';
import { type Contestant, openScene, type Scene } from './scene.ts';

/** What one server needed for a number of watchers. */
export interface Sample {
  /** Microseconds of CPU of the whole server per packet that a watcher received. */
  readonly perPacket: number;
  /** Packets received, of those that should have been; beginning and end of the window may cut a frame. */
  readonly delivered: number;
  /** Share of that CPU that the control plane used, in percent; 0 when it has no process of its own. */
  readonly controlShare: number;
}

/** One server from its start to its end. */
export interface Measurement {
  readonly samples: ReadonlyMap<number, Sample>;
  /** Resident KiB of the media process for each watcher, at the largest number of them. */
  readonly kibibytesPerWatcher: number;
  readonly ciphers: readonly string[];
  /** Header extensions that were agreed on and seen in packets. */
  readonly extensions: readonly string[];
  /** Ids of others that were in packets all the same. */
  readonly unknownExtensions: readonly number[];
}

/** How long is measured. */
export interface Windows {
  /** Seconds after the last watcher has joined that count for nothing. */
  readonly settle: number;
  /** Seconds of the last number of watchers, which the targets are for. */
  readonly last: number;
  /** Seconds of the numbers before. */
  readonly others: number;
}

/** Measures one server with rising numbers of watchers. */
export async function measure(
  contestant: Contestant,
  transportCc: boolean,
  counts: readonly number[],
  windows: Windows,
): Promise<Measurement> {
  const scene = await openScene(contestant, transportCc);
  try {
    await sleep(windows.settle * 1000);
    const alone = residentBytes(scene.pids.media);
    const samples = new Map<number, Sample>();
    let joined = 0;
    let full = alone;
    for (const [index, count] of counts.entries()) {
      const isLast = index === counts.length - 1;
      await scene.join(count - joined);
      joined = count;
      await sleep(windows.settle * 1000);
      samples.set(count, await sample(scene, count, isLast ? windows.last : windows.others));
      full = residentBytes(scene.pids.media);
    }
    const { ciphers, ...extensions } = await scene.watchers.call('negotiated');
    const sending = await scene.sender.call('ciphers');
    return {
      samples,
      kibibytesPerWatcher: (full - alone) / 1024 / joined,
      ciphers: [...new Set([...ciphers, ...sending])],
      ...extensions,
    };
  } finally {
    await scene.end();
  }
}

/** Of the packets due; with fewer the clients did not keep up, or something else had the machine. */
const leastDelivered = 0.98;
const attempts = 3;

interface Reading {
  readonly media: number;
  readonly control: number;
  readonly sent: number;
  readonly received: number;
}

/** Measures again, twice at most, while packets are missing: their cost would be charged to those that came. */
async function sample(scene: Scene, watchers: number, seconds: number): Promise<Sample> {
  for (let attempt = 1; ; attempt++) {
    const taken = await sampleOnce(scene, watchers, seconds);
    if (taken.delivered >= leastDelivered || attempt === attempts) return taken;
    progress(`only ${(100 * taken.delivered).toFixed()} % of the packets came; measuring again`);
  }
}

async function sampleOnce(scene: Scene, watchers: number, seconds: number): Promise<Sample> {
  const before = await read(scene);
  await sleep(seconds * 1000);
  const after = await read(scene);
  const [media, control] = [after.media - before.media, after.control - before.control];
  const received = after.received - before.received;
  return {
    perPacket: ((media + control) * 1e6) / received,
    delivered: received / ((after.sent - before.sent) * watchers),
    controlShare: (100 * control) / (media + control),
  };
}

async function read({ pids, sender, watchers }: Scene): Promise<Reading> {
  const [sent, received] = await Promise.all([sender.call('sent'), watchers.call('received')]);
  const control = pids.control === undefined ? 0 : cpuSeconds([pids.control]);
  return { media: cpuSeconds([pids.media]), control, sent, received };
}
