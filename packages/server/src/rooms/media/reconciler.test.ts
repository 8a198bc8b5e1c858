import { settled } from '@roomkey/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reconciler } from './reconciler.ts';

/** A world in which openings end when the test says so, well or badly. */
class SlowWorld {
  readonly there = new Set<string>();
  readonly heard: string[] = [];
  readonly #pending: { item: string; end: (error?: Error) => void }[] = [];
  readonly reconciler: Reconciler<string>;

  constructor(width: number) {
    this.reconciler = new Reconciler<string>(
      {
        open: (item) =>
          new Promise((resolve, reject) => {
            const end = (error?: Error) => {
              if (error) return reject(error);
              this.there.add(item);
              resolve();
            };
            this.#pending.push({ item, end });
          }),
        opened: (item) => this.heard.push(`opened ${item}`),
        failed: (item) => this.heard.push(`failed ${item}`),
        close: (item) => void this.there.delete(item),
      },
      width,
    );
  }

  get pending(): string[] {
    return this.#pending.map(({ item }) => item);
  }

  want(...keys: string[]): void {
    for (const key of [...this.reconciler.keys()]) if (!keys.includes(key)) this.reconciler.drop(key);
    for (const key of keys) this.reconciler.want(key, key);
    this.reconciler.start();
  }

  /** Ends one opening of those in flight. */
  async end(index: number, error?: Error): Promise<void> {
    this.#pending.splice(index % this.#pending.length, 1)[0]?.end(error);
    await settled();
  }
}

test('no more openings are in flight than the width', async () => {
  const world = new SlowWorld(2);
  world.want('a', 'b', 'c');
  expect(world.pending).toEqual(['a', 'b']);
  await world.end(0);
  expect(world.pending).toEqual(['b', 'c']);
});

test('what is no longer wanted before its turn is never opened', () => {
  const world = new SlowWorld(1);
  world.want('a', 'b');
  world.want('a');
  expect(world.pending).toEqual(['a']);
});

test('an opening that ends too late is closed and not heard of', async () => {
  const world = new SlowWorld(1);
  world.want('a');
  world.want();
  await world.end(0);
  expect([...world.there]).toEqual([]);
  expect(world.heard).toEqual([]);
});

test('what is wanted again while it still opens is opened anew when that has ended', async () => {
  const world = new SlowWorld(2);
  world.want('a');
  world.want();
  world.want('a');
  expect(world.pending).toEqual(['a']);
  await world.end(0);
  expect([...world.there]).toEqual([]);
  expect(world.pending).toEqual(['a']);
  await world.end(0);
  expect([...world.there]).toEqual(['a']);
  expect(world.heard).toEqual(['opened a']);
});

test('what failed is not tried again until somebody says so', async () => {
  const world = new SlowWorld(1);
  world.want('a');
  await world.end(0, new Error('no'));
  world.want('a');
  expect(world.pending).toEqual([]);
  world.reconciler.retry('a');
  world.want('a');
  expect(world.pending).toEqual(['a']);
});

test('a thing is found under its key in whatever state, and as open only when it is', async () => {
  const world = new SlowWorld(1);
  const { reconciler } = world;
  world.want('a', 'b');
  expect([reconciler.get('a'), reconciler.get('b'), reconciler.get('c')]).toEqual(['a', 'b', undefined]);
  expect([reconciler.opened('a'), [...reconciler.open()], reconciler.size]).toEqual([undefined, [], 2]);
  await world.end(0);
  expect([reconciler.opened('a'), [...reconciler.open()], reconciler.size]).toEqual(['a', ['a'], 2]);
  await world.end(0, new Error('no'));
  expect([reconciler.get('b'), reconciler.opened('b'), [...reconciler.open()]]).toEqual([
    'b',
    undefined,
    ['a'],
  ]);
  world.want();
  expect([reconciler.get('a'), reconciler.opened('a'), reconciler.size]).toEqual([undefined, undefined, 0]);
});

test('a drop says whether there was something to close', async () => {
  const world = new SlowWorld(1);
  const { reconciler } = world;
  world.want('a', 'b');
  expect([reconciler.drop('b'), reconciler.drop('a'), reconciler.drop('a')]).toEqual([false, true, false]);
  await world.end(0);
  world.want('c');
  await world.end(0);
  expect(reconciler.drop('c')).toBe(true);
});

test('what was dropped while it opened and fails is not heard of', async () => {
  const world = new SlowWorld(1);
  world.want('a');
  world.want();
  await world.end(0, new Error('no'));
  expect(world.heard).toEqual([]);
  world.want('a');
  await world.end(0);
  expect(world.heard).toEqual(['opened a']);
});

test('the first thing that is wanted under a key stays', async () => {
  const world = new SlowWorld(1);
  const { reconciler } = world;
  reconciler.want('key', 'first');
  reconciler.want('key', 'second');
  reconciler.start();
  await world.end(0);
  expect([...world.there]).toEqual(['first']);
});

test('only what failed is tried again', async () => {
  const world = new SlowWorld(1);
  const { reconciler } = world;
  world.want('a');
  reconciler.retry('a');
  reconciler.retry('unknown');
  await world.end(0);
  reconciler.retry('a');
  reconciler.start();
  expect(world.pending).toEqual([]);
  world.want('b');
  await world.end(0, new Error('no'));
  expect(world.heard).toEqual(['opened a', 'failed b']);
  reconciler.retry('b');
  expect(world.pending).toEqual([]);
  reconciler.start();
  await world.end(0);
  expect(reconciler.opened('b')).toBe('b');
});

test('whatever the order of calls and endings, exactly the wanted things exist at the end', async () => {
  const keys = ['a', 'b', 'c', 'd'];
  const step = fc.oneof(
    fc.record({ type: fc.constant('want' as const), keys: fc.subarray(keys) }),
    fc.record({ type: fc.constant('end' as const), index: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.subarray(keys), async (steps, last) => {
      const world = new SlowWorld(2);
      let wanted: string[] = [];
      for (const next of steps) {
        if (next.type === 'want') {
          wanted = next.keys;
          world.want(...wanted);
          expect([...world.there].filter((key) => !wanted.includes(key))).toEqual([]);
        } else if (world.pending.length > 0) {
          await world.end(next.index);
        }
      }
      world.want(...last);
      while (world.pending.length > 0) await world.end(0);
      expect([...world.there].sort()).toEqual([...last].sort());
    }),
    { numRuns: 500 },
  );
});
