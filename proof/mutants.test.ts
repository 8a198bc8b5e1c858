import { describe, expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { reducedBytes } from './reduced-bytes.ts';
import { reddened } from './rehearsal.ts';
import { ways } from './ways.ts';

const bytes = reducedBytes(1);
const bits = ['sendAudio', 'recvAudio', 'sendVideo', 'recvVideo', 'sendSub', 'recvSub'];

/** Of each way, how many cells a mutant has to redden. */
async function redOf({ fault }: (typeof mutants)[number]): Promise<Map<string, number>> {
  const counts = ways.map(async (way) => [way.name, (await reddened(way, bytes, fault)).size] as const);
  return new Map((await Promise.all(counts)).filter(([, cells]) => cells > 0));
}

test('there is a mutant for each bit and direction, and one for each way', () => {
  expect(mutants.map(({ name }) => name)).toEqual([...bits, ...ways.map(({ name }) => name)]);
});

describe.each(mutants)('the mutant $name', (mutant) => {
  test('has cells to redden', async () => {
    expect((await redOf(mutant)).size).toBeGreaterThan(0);
  });
});

test('a mutant of a way reddens that way; forgotten closings redden every way but those that make new transports', async () => {
  const wayNames = ways.map(({ name }) => name);
  for (const mutant of mutants) {
    const red = [...(await redOf(mutant)).keys()];
    if (wayNames.includes(mutant.name)) expect(red).toContain(mutant.name);
    else
      expect(red).toEqual(
        wayNames.filter((name) => !['entry', 'revocation', 'reentry', 'workerDeath'].includes(name)),
      );
  }
});

test('the bytes that stand for all have every bit alone, every bit missing, and the presets', () => {
  expect(bytes).toEqual(expect.arrayContaining([0, 1, 2, 4, 8, 16, 32, 64, 128, 255, 127, 170]));
  expect(new Set(bytes).size).toBe(bytes.length);
  expect(reducedBytes(2)).not.toEqual(bytes);
  expect(reducedBytes(1)).toEqual(bytes);
});
