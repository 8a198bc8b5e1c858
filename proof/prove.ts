import { Pump, type Totals } from '@roomkey/testkit/disobedient';
import { proveAllShares } from './all-shares.ts';
import { cellsOfByte, type MatrixResult, type Share } from './matrix.ts';
import type { Mutant } from './mutants.ts';
import { ProofServer } from './proof-server.ts';
import { type AttackResult, proveAttacks } from './prove-attacks.ts';
import { type MutantResult, proveMutants } from './prove-mutants.ts';
import { fewBytes, reducedBytes } from './reduced-bytes.ts';

/** What a proof is made of. */
export interface ProofPlan {
  readonly workerBin: string | undefined;
  /** Ticket bytes, by the way that they are to go. */
  readonly shares: readonly Share[];
  readonly attacks: boolean;
  readonly mutants: readonly Mutant[];
  /** Chooses the bytes that mutants are tried with by chance. */
  readonly seed: number;
  /** Hears what is being done, now and then. */
  readonly progress?: (text: string) => void;
}

export interface Proof extends MatrixResult, Totals {
  readonly attacks: readonly AttackResult[];
  readonly mutants: readonly MutantResult[];
  readonly seconds: number;
}

const PROGRESS_MS = 5000;

/** Runs everything that the plan names. */
export async function prove({ progress = () => {}, ...plan }: ProofPlan): Promise<Proof> {
  const began = performance.now();
  const pump = new Pump();
  try {
    if (plan.attacks) progress('attacks');
    const attacks = plan.attacks ? await attacked(plan.workerBin, pump) : [];
    const matrix = await watched(plan, pump, progress);
    const { workerBin } = plan;
    const bytes = reducedBytes(plan.seed);
    const mutants = await proveMutants(plan.mutants, { workerBin, pump, bytes, fewBytes, progress });
    return { ...matrix, attacks, mutants, ...pump.totals, seconds: (performance.now() - began) / 1000 };
  } finally {
    pump.close();
  }
}

/** Says how far the matrix is. */
async function watched(
  { workerBin, shares }: ProofPlan,
  pump: Pump,
  progress: (text: string) => void,
): Promise<MatrixResult> {
  const expected = shares.reduce((sum, { bytes }) => sum + bytes.length * cellsOfByte, 0);
  let cells = 0;
  const timer = setInterval(() => progress(`matrix: ${cells} of ${expected} cells`), PROGRESS_MS);
  const done = (more: number) => {
    cells += more;
  };
  return await proveAllShares(pump, { workerBin }, { shares, done }).finally(() => clearInterval(timer));
}

async function attacked(workerBin: string | undefined, pump: Pump): Promise<AttackResult[]> {
  const server = await ProofServer.start({ workerBin });
  return await proveAttacks({ server, pump }).finally(() => server.close());
}
