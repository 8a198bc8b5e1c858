import type { Pump } from '@roomkey/testkit/disobedient';
import { proveDeaths } from './death-matrix.ts';
import { type MatrixPlan, type MatrixResult, noResult, proveMatrix } from './matrix.ts';
import { ProofServer, type Start } from './proof-server.ts';

/**
 * Takes all bytes of a plan through their ways, on servers of one make: on one, and on others where workers die. Both at
 * the same time, because a death is mostly waited for.
 */
export async function proveAllShares(
  pump: Pump,
  start: Omit<Start, 'workers'>,
  plan: MatrixPlan,
): Promise<MatrixResult> {
  const deadly = plan.shares.filter(({ way }) => way.killsWorker);
  const others = plan.shares.filter(({ way }) => !way.killsWorker);
  const [calm, dead] = await Promise.all([
    others.length > 0 ? onOneServer(pump, start, { ...plan, shares: others }) : noResult(),
    proveDeaths(pump, () => ProofServer.start({ ...start, workers: 1 }), { ...plan, shares: deadly }),
  ]);
  return {
    cells: [...calm.cells, ...dead.cells],
    unmeasured: [...calm.unmeasured, ...dead.unmeasured],
    repeated: calm.repeated + dead.repeated,
  };
}

async function onOneServer(pump: Pump, start: Start, plan: MatrixPlan): Promise<MatrixResult> {
  const server = await ProofServer.start(start);
  return await proveMatrix({ server, pump }, plan).finally(() => server.close());
}
