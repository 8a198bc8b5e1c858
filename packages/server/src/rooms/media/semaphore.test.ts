import { settled } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { OpeningSemaphore } from './semaphore.ts';

const width = 16;

/** Enters a place so often; tells who is in and lets them out. */
async function entered(semaphore: OpeningSemaphore, placeId: string, times: number) {
  const inside: (readonly [number, () => void])[] = [];
  for (let index = 0; index < times; index++)
    void semaphore.acquire(placeId).then((leave) => inside.push([index, leave]));
  await settled();
  return inside;
}

test('each place has 16 permits of its own', async () => {
  const semaphore = new OpeningSemaphore();
  expect(await entered(semaphore, 'here', width + 2)).toHaveLength(width);
  expect(await entered(semaphore, 'there', width + 2)).toHaveLength(width);
});

test('a permit that is released goes to who has waited longest, and is free when nobody waits', async () => {
  const semaphore = new OpeningSemaphore();
  const inside = await entered(semaphore, 'here', width + 2);
  inside[3]?.[1]();
  await settled();
  expect(inside.map(([index]) => index).slice(width)).toEqual([width]);
  inside[4]?.[1]();
  await settled();
  inside[5]?.[1]();
  expect(await entered(semaphore, 'here', 2)).toHaveLength(1);
});

test('all permits of a place are free again when all were released', async () => {
  const semaphore = new OpeningSemaphore();
  for (let round = 0; round < 3; round++) {
    const inside = await entered(semaphore, 'here', width + 2);
    expect(inside).toHaveLength(width);
    for (const [, leave] of [...inside]) leave();
    await settled();
    expect(inside).toHaveLength(width + 2);
    for (const [, leave] of inside.slice(width)) leave();
  }
});
