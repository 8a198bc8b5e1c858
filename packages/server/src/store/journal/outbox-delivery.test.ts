import { turnsOf } from '@roomkey/testkit';
import { expect, test, vi } from 'vitest';
import { StoreError } from '../../ports/index.ts';
import { OutboxDelivery } from './outbox-delivery.ts';

test('many records that are in the journal are forgotten in several commits, with a turn of the event loop between', async () => {
  const forgotten: string[] = [];
  const delivery = new OutboxDelivery({
    outbox: {
      add: async () => {},
      read: async () => ({ records: [], forged: 0, next: undefined }),
      forget: async (ids) => void forgotten.push(...ids),
    },
    file: { known: async () => new Set<string>() },
    writer: {
      append: () => {},
      settled: async () => {},
      waitingIds: new Set<string>(),
      isFinished: false,
      fault: undefined,
    },
    events: { trouble: () => {} },
  });
  delivery.kept(Array.from({ length: 1200 }, (_, number) => `id ${number}`));
  const counts = new Set<number>();
  await turnsOf(delivery.close(), () => counts.add(forgotten.length));
  expect([...counts, forgotten.length]).toEqual([0, 500, 1000, 1200]);
});

test('records that could not be forgotten are forgotten with the next ones', async () => {
  const forgotten: string[] = [];
  const troubles: string[] = [];
  let isFull = true;
  const delivery = new OutboxDelivery({
    outbox: {
      add: async () => {},
      read: async () => ({ records: [], forged: 0, next: undefined }),
      forget: async (ids) => {
        if (isFull) throw new StoreError('full', 'roomkey.db cannot grow.');
        forgotten.push(...ids);
      },
    },
    file: { known: async () => new Set<string>() },
    writer: {
      append: () => {},
      settled: async () => {},
      waitingIds: new Set<string>(),
      isFinished: false,
      fault: undefined,
    },
    events: { trouble: ({ message }) => void troubles.push(message) },
  });
  vi.useFakeTimers();
  delivery.kept(['one']);
  await vi.advanceTimersByTimeAsync(1000);
  isFull = false;
  delivery.kept(['two']);
  vi.useRealTimers();
  await delivery.close();
  expect([troubles, forgotten]).toEqual([['roomkey.db cannot grow.'], ['one', 'two']]);
});
