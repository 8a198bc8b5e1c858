import type { RtpCapabilities } from '@roomkey/protocol';
import { Child } from '../child.ts';
import { serverCore } from '../cores.ts';
import type { BareEngineMethods } from './bare-engine.ts';
import type { Contestant } from './contestant.ts';
import type { EntryPlan } from './plan.ts';

/** mediasoup alone on one core. */
export async function openEngine(
  plan: EntryPlan,
  capabilities: RtpCapabilities,
): Promise<Contestant & { end(): Promise<void> }> {
  const engine = new Child<BareEngineMethods>(new URL('bare-engine.ts', import.meta.url), {
    core: serverCore,
  });
  const worker = await engine.call('start', { workerBin: process.env['ROOMKEY_WORKER_BIN'] });
  return {
    pids: [engine.pid, worker],
    enter: () => () => engine.call('run', { plan, capabilities }),
    leave: () => engine.call('leave'),
    end: () => engine.end(),
  };
}
