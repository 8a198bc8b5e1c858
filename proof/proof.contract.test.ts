import { beforeAll, describe, expect, test } from 'vitest';
import { passed, sayCell } from './cell.ts';
import { mutants } from './mutants.ts';
import { type Proof, prove } from './prove.ts';
import { attacks } from './prove-attacks.ts';
import { reducedBytes } from './reduced-bytes.ts';
import { reentry, workerDeath } from './returning-ways.ts';
import type { Way } from './way.ts';
import { ways } from './ways.ts';

/** Their entries and deaths take long: bytes that stand for all go them here, all of them in `npm run proof`. */
const long: readonly Way[] = [reentry, workerDeath];
const every = Array.from({ length: 256 }, (_, byte) => byte);

const bytesOf = (way: Way) => (long.includes(way) ? reducedBytes(1) : every);

describe('the proof', () => {
  let proof: Proof;

  beforeAll(async () => {
    proof = await prove({
      workerBin: process.env['ROOMKEY_WORKER_BIN'],
      shares: ways.map((way) => ({ way, bytes: bytesOf(way) })),
      attacks: true,
      mutants,
      seed: 1,
    });
  }, 900_000);

  test.each(ways.map((way) => ({ name: way.name, bytes: bytesOf(way) })))(
    '$name: for $bytes.length ticket bytes, what may flow does, and not a packet of the rest',
    ({ name, bytes }) => {
      expect(proof.unmeasured.filter(({ way }) => way === name)).toEqual([]);
      const cells = proof.cells.filter(({ way }) => way === name);
      expect(cells.filter((cell) => !passed(cell)).map(sayCell)).toEqual([]);
      expect(cells).toHaveLength(bytes.length * 2 * 8);
    },
  );

  test.each(attacks)('$name: $says', ({ name }) => {
    const [result] = proof.attacks.filter((attack) => attack.name === name);
    expect(result).toMatchObject({ arrived: 0, problems: [] });
  });

  test.each(mutants)('a server in which $says reddens exactly the cells that it must', ({ name }) => {
    const [result] = proof.mutants.filter((mutant) => mutant.name === name);
    expect(result?.wrong).toEqual([]);
    expect(result?.red).toBeGreaterThan(0);
  });
});
