import { settled } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { OpeningSemaphore } from './semaphore.ts';

const width = 16;

/** Enters a place so often; tells who is in and lets them out. */
async function entered(lanes: OpeningSemaphore, placeId: string, times: number) {
  const inside: (readonly [number, () => void])[] = [];
  for (let index = 0; index < times; index++)
    void lanes.enter(placeId).then((leave) => inside.push([index, leave]));
  await settled();
  return inside;
}

test('a place has so many lanes, and another place has its own', async () => {
  const lanes = new OpeningSemaphore();
  expect(await entered(lanes, 'here', width + 2)).toHaveLength(width);
  expect(await entered(lanes, 'there', width + 2)).toHaveLength(width);
});

test('a lane that is given back goes to who has waited longest, and is free when nobody waits', async () => {
  const lanes = new OpeningSemaphore();
  const inside = await entered(lanes, 'here', width + 2);
  inside[3]?.[1]();
  await settled();
  expect(inside.map(([index]) => index).slice(width)).toEqual([width]);
  inside[4]?.[1]();
  await settled();
  inside[5]?.[1]();
  expect(await entered(lanes, 'here', 2)).toHaveLength(1);
});
