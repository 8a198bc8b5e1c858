import type { Pump } from '@roomkey/testkit/disobedient';
import { proveAllShares } from './all-shares.ts';
import { cellName, passed, sayCell } from './cell.ts';
import type { Mutant } from './mutants.ts';
import { reddened } from './rehearsal.ts';
import { ways } from './ways.ts';

/** What became of one mutant. */
export interface MutantResult {
  readonly name: string;
  readonly says: string;
  /** How many cells it had to redden. */
  readonly expected: number;
  /** How many it reddened. */
  readonly red: number;
  readonly cells: number;
  /** Had to be red and was not, or the other way about; or could not be measured. */
  readonly wrong: readonly string[];
}

export interface MutantPlan {
  readonly workerBin: string | undefined;
  readonly pump: Pump;
  /** For the ways that the mutant reddens. */
  readonly bytes: readonly number[];
  /** For those that it must leave green. */
  readonly fewBytes: readonly number[];
  readonly progress: (text: string) => void;
}

/** Runs mutants: each must redden exactly the cells that the model with its fault names beforehand. */
export async function proveMutants(mutants: readonly Mutant[], plan: MutantPlan): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  for (const mutant of mutants) {
    plan.progress(`mutants: ${results.length} of ${mutants.length}, now ${mutant.name}`);
    results.push(await proveMutant(mutant, plan));
  }
  return results;
}

async function proveMutant(mutant: Mutant, plan: MutantPlan): Promise<MutantResult> {
  const { name, says, fault } = mutant;
  const { workerBin, pump } = plan;
  const expected = new Set<string>();
  const shares = [];
  for (const way of ways) {
    const red = await reddened(way, plan.bytes, fault);
    for (const cell of red) expected.add(cell);
    shares.push({ way, bytes: red.size > 0 ? plan.bytes : plan.fewBytes });
  }
  const { cells, unmeasured } = await proveAllShares(
    pump,
    { workerBin, wrong: mutant.wrong },
    { shares, fault },
  );
  const red = new Map(cells.filter((cell) => !passed(cell)).map((cell) => [cellName(cell), sayCell(cell)]));
  const wrong = [
    ...[...expected].filter((cell) => !red.has(cell)).map((cell) => `${cell}: is not red`),
    ...[...red].filter(([cell]) => !expected.has(cell)).map(([_, said]) => `is red: ${said}`),
    ...unmeasured.map(({ way, byte, why }) => `${way}, byte ${byte}: could not be measured: ${why}`),
    ...(expected.size === 0 ? ['nothing that it does would be noticed'] : []),
  ];
  return { name, says, expected: expected.size, red: red.size, cells: cells.length, wrong };
}
