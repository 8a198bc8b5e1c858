import { expect, test } from 'vitest';
import { PacketMeter } from './packet-meter.ts';

const source = (count = 0) => {
  const at = {
    count,
    reads: 0,
    packets: async () => {
      at.reads++;
      return at.count;
    },
  };
  return at;
};

test('the total is what all sources counted, also after they end', async () => {
  const meter = new PacketMeter();
  const [a, b] = [source(10), source(5)];
  meter.add(a);
  meter.add(b);
  await meter.read(10);
  a.count = 30;
  await meter.read(10);
  meter.remove(a);
  await meter.read(10);
  expect(meter.total).toBe(35);
});

test('one reading asks only so many, and each in its turn', async () => {
  const meter = new PacketMeter();
  const sources = Array.from({ length: 5 }, () => source(1));
  for (const each of sources) meter.add(each);
  await meter.read(2);
  expect(meter.total).toBe(2);
  await meter.read(2);
  await meter.read(2);
  expect(meter.total).toBe(5);
  expect(sources.map(({ reads }) => reads)).toEqual([2, 1, 1, 1, 1]);
});

test('a source that cannot be read counts nothing', async () => {
  const meter = new PacketMeter();
  meter.add({ packets: () => Promise.reject(new Error('gone')) });
  await meter.read(10);
  expect(meter.total).toBe(0);
});

test('a count that falls back does not lower the total', async () => {
  const meter = new PacketMeter();
  const a = source(10);
  meter.add(a);
  await meter.read(1);
  a.count = 3;
  await meter.read(1);
  expect(meter.total).toBe(10);
});
