import type { Attack } from './attacks/attack.ts';
import { behaviourAttacks } from './attacks/behaviour-attacks.ts';
import { packetAttacks } from './attacks/packet-attacks.ts';
import { requestAttacks } from './attacks/request-attacks.ts';
import { type Evidence, Trial } from './attacks/trial.ts';
import { LackingWindow } from './flow-window.ts';
import { Stage, type World } from './stage.ts';

export const attacks: readonly Attack[] = [...packetAttacks, ...requestAttacks, ...behaviourAttacks];

export interface AttackResult extends Evidence, Omit<Attack, 'run'> {}

const ATTEMPTS = 4;

/** Runs all attacks at once, each in a room of its own. */
export async function proveAttacks(world: World): Promise<AttackResult[]> {
  return await Promise.all(attacks.map(async (attack) => ({ ...attack, ...(await tried(attack, world)) })));
}

/** Again, when too little was sent or arrived of what nobody forbids. */
async function tried(attack: Attack, world: World): Promise<Evidence> {
  for (let attempt = 1; ; attempt++) {
    const trial = new Trial(await Stage.open(world));
    try {
      await attack.run(trial);
      return trial.evidence;
    } catch (error) {
      const lacking = error instanceof LackingWindow;
      if (lacking && attempt < ATTEMPTS && trial.evidence.problems.length === 0) continue;
      return { ...trial.evidence, problems: [...trial.evidence.problems, (error as Error).message] };
    } finally {
      trial.close();
    }
  }
}
