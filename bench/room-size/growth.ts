import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../options.ts';
import type { House } from './house.ts';

export const growthFigures = ['entry-growth', 'publish-growth', 'mute-growth'] as const;
export type GrowthFigure = (typeof growthFigures)[number];

/** What is measured in one room that fills up. */
export interface GrowthPlan {
  readonly figures: readonly GrowthFigure[];
  readonly senders: number;
  /** Receivers, rising. */
  readonly sizes: readonly number[];
  /** For how long each figure is measured at each size. */
  readonly seconds: number;
}

/** Microseconds of CPU per member concerned, by figure and size. */
export type Costs = ReadonlyMap<GrowthFigure, ReadonlyMap<number, number>>;

/** Times that something is done at least. */
const atLeast = 5;
/** Milliseconds in which the server does what it has left over. */
const afterMs = 50;

/** Fills one room, and measures at each size what one more member, one track or one mute costs. */
export async function measureGrowth(house: House, plan: GrowthPlan): Promise<Costs> {
  const { senders, sizes, seconds, figures } = plan;
  const application = await house.application({ permissionControl: 'enforce' });
  const { cpu, members } = house;
  await house.enter(application, senders, { role: 'anchor', sends: true, receives: true });

  /** Does something again and again for a while; seconds of CPU for each time. */
  async function repeat(once: () => Promise<number>): Promise<number> {
    const began = performance.now();
    let [used, times] = [0, 0];
    for (; times < atLeast || performance.now() - began < seconds * 1000; times++) used += await once();
    return used / times;
  }

  const measures: Record<GrowthFigure, (size: number) => Promise<number>> = {
    'entry-growth': () =>
      repeat(async () => {
        const used = await cpu.cost(() => house.visit(application), afterMs);
        await members.call('endVisit');
        await sleep(2 * afterMs);
        return used;
      }),
    'publish-growth': async (size) => {
      const each = await repeat(() => cpu.cost(() => members.call('publishScreens', { times: 1 }), 0));
      return each / concerned(size);
    },
    'mute-growth': async (size) => {
      const times = 20;
      const each = await repeat(() => cpu.cost(() => members.call('muteMicrophones', { times }), 0));
      return each / times / concerned(size);
    },
  };

  /** All but the one who publishes or mutes receive its tracks. */
  const concerned = (size: number) => size + senders - 1;

  const costs = new Map(figures.map((figure) => [figure, new Map<number, number>()]));
  let inside = 0;
  for (const size of sizes) {
    const began = performance.now();
    await house.enter(application, size - inside, { role: 'audience', sends: false, receives: true });
    inside = size;
    await cpu.quiet();
    const idle = await cpu.learnIdle(seconds);
    progress(
      `${size} receivers are inside after ${((performance.now() - began) / 1000).toFixed(1)} s; idle: ${(100 * idle).toFixed(1)} % of a core`,
    );
    for (const figure of figures) {
      const cost = (await measures[figure](size)) * 1e6;
      costs.get(figure)?.set(size, cost);
      progress(`${figure}, ${size} receivers: ${cost.toFixed(1)} µs`);
      await cpu.quiet();
    }
  }
  await members.call('leave');
  await cpu.quiet();
  return costs;
}
