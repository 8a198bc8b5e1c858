import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HighestLayer } from './highest-layer.ts';
import { ScreenWatch } from './screen-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const low = { spatialLayer: 0, temporalLayer: 0 };
const full = { spatialLayer: 1, temporalLayer: 0 };

/** A watch over a screen; `did` is what it does, in order. */
function watched() {
  const did: string[] = [];
  let tell = (_isNarrow: boolean) => {};
  const pages = {
    isNarrow: false,
    add: (listener: typeof tell) => {
      tell = listener;
      return () => did.push('left');
    },
    failed: () => {
      did.push('failed');
      if (pages.isNarrow) return;
      pages.isNarrow = true;
      tell(true);
    },
  };
  const engine = {
    observer: new EventEmitter(),
    score: { score: 10, producerScore: 10, producerScores: [10, 10] },
  };
  const link = { isShared: false };
  const turns = { waiting: undefined as (() => void) | undefined, isLater: false };
  const watch = new ScreenWatch({
    engine: engine as unknown as types.Consumer,
    forwarding: {
      hold: () => did.push('held'),
      release: () => did.push('released'),
      reset: () => did.push('reset'),
    },
    highest: new HighestLayer(1, (layer) => did.push(`highest ${layer}`)),
    link: Object.assign(link, {
      pages,
      keep: () => did.push('keep'),
      release: () => did.push('let go'),
    }) as never,
    turns: {
      wait: (job) => {
        if (!turns.isLater) return undefined;
        turns.waiting = job;
        return () => did.push('turn given up');
      },
    },
    waiting: () => did.push('waits'),
  });
  const since = () => did.splice(0);
  return { watch, engine, link, pages, turns, since, tell: (isNarrow: boolean) => tell(isNarrow) };
}

const seconds = (count: number) => vi.advanceTimersByTime(1000 * count);

test('a page that fits is let go after four seconds', () => {
  const { watch, since } = watched();
  watch.flows(full);
  expect(since()).toEqual(['keep']);
  seconds(3.9);
  expect(since()).toEqual([]);
  seconds(0.2);
  expect(since()).toEqual(['let go']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a screen that is lowered begins again in its low encoding, and its pages are kept while the link is narrow', () => {
  const { watch, pages, since } = watched();
  watch.flows(full);
  seconds(20);
  since();
  watch.flows(low);
  expect(since()).toEqual(['failed', 'highest 0', 'keep', 'keep', 'reset']);
  watch.flows(low);
  seconds(40);
  expect(since()).not.toContain('let go');
  pages.isNarrow = false;
  seconds(4);
  expect(since()).toEqual(['let go']);
});

test('a page that does not get through in eight seconds is given up', () => {
  const { watch, engine, pages, since } = watched();
  pages.isNarrow = true;
  engine.score.score = 4;
  watch.flows(low);
  seconds(7.9);
  expect(since()).not.toContain('let go');
  seconds(0.2);
  expect(since()).toEqual(['let go']);
});

test('a screen that stops again soon waits, and then has its turn', () => {
  const { watch, turns, since } = watched();
  watch.flows(low);
  watch.stopped();
  expect(since()).toContain('reset');
  watch.flows(low);
  watch.stopped();
  expect(since().slice(-2)).toEqual(['waits', 'held']);
  turns.isLater = true;
  seconds(2.1);
  expect(since()).toEqual([]);
  turns.waiting?.();
  expect(since()).toEqual(['released']);
});

test('a screen whose sender sends nothing, or that somebody has stopped, has not failed', () => {
  const { watch, engine, since } = watched();
  watch.flows(full);
  since();
  engine.score.producerScore = 0;
  watch.stopped();
  expect(since()).toEqual([]);
  engine.score.producerScore = 10;
  watch.flows(full);
  watch.interrupted();
  watch.stopped();
  expect(since()).toEqual(['keep']);
  // It did not stop before, so it begins again at once.
  watch.flows(low);
  watch.stopped();
  expect(since()).not.toContain('waits');
});

test('a screen whose sender has stopped the full encoding is not lowered because of the link', () => {
  const { watch, engine, since } = watched();
  watch.flows(full);
  since();
  engine.score.producerScores = [10, 0];
  watch.flows(low);
  expect(since()).toEqual([]);
});

test('its own beginning again is no second stop', () => {
  const { watch, turns, since } = watched();
  turns.isLater = true;
  watch.flows(low);
  watch.stopped();
  watch.flows(low);
  since();
  turns.waiting?.();
  watch.stopped();
  expect(since()).toEqual(['reset']);
});

test('on a narrow link that other pictures share, more is sent for the time of a page alone', () => {
  const { watch, link, pages, since } = watched();
  pages.isNarrow = true;
  link.isShared = true;
  watch.flows(low);
  seconds(4.1);
  expect(since()).toEqual(['keep', 'let go']);
});

test('the low encoding is held while the link is narrow', () => {
  const { tell, since } = watched();
  tell(true);
  tell(false);
  expect(since()).toEqual(['highest 0', 'keep', 'highest 1']);
});

test('nothing is left when the consumer ends', () => {
  const { watch, engine, turns, since } = watched();
  turns.isLater = true;
  watch.flows(low);
  watch.stopped();
  since();
  engine.observer.emit('close');
  expect(since()).toEqual(['left', 'turn given up', 'let go']);
  expect(vi.getTimerCount()).toBe(0);
});
