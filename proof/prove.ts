import { Pump, type Totals } from '@roomkey/testkit/disobedient';
import { cellsOfByte, type MatrixResult, proveMatrix, type Share } from './matrix.ts';
import type { Mutant } from './mutants.ts';
import { ProofServer } from './proof-server.ts';
import { type AttackResult, proveAttacks } from './prove-attacks.ts';
import { type MutantResult, proveMutants } from './prove-mutants.ts';
import { fewBytes, reducedBytes } from './reduced-bytes.ts';
import type { World } from './stage.ts';

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
    const { matrix, attacks } = await withServer(plan.workerBin, async (server) => {
      const world = { server, pump };
      if (plan.attacks) progress('attacks');
      const struck = plan.attacks ? await proveAttacks(world) : [];
      return { attacks: struck, matrix: await watched(world, plan.shares, progress) };
    });
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
  world: World,
  shares: readonly Share[],
  progress: (text: string) => void,
): Promise<MatrixResult> {
  const expected = shares.reduce((sum, { bytes }) => sum + bytes.length * cellsOfByte, 0);
  let cells = 0;
  const timer = setInterval(() => progress(`matrix: ${cells} of ${expected} cells`), PROGRESS_MS);
  const done = (more: number) => {
    cells += more;
  };
  return await proveMatrix(world, { shares, done }).finally(() => clearInterval(timer));
}

async function withServer<T>(
  workerBin: string | undefined,
  job: (server: ProofServer) => Promise<T>,
): Promise<T> {
  const server = await ProofServer.start(workerBin);
  try {
    return await job(server);
  } finally {
    await server.close();
  }
}
