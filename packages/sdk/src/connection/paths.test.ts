import { expect, test } from 'vitest';
import { FakeTimers, settled } from '../platform/fake-platform.fixture.ts';
import { Paths } from './paths.ts';

/** Paths whose restarts are all answered, and work when the browser says so. */
function answered() {
  const timers = new FakeTimers();
  const browser = { isConnected: false };
  const told = { restarts: 0, blocked: 0 };
  const paths = new Paths(timers, {
    restart: async () => {
      told.restarts += 1;
    },
    isConnected: () => browser.isConnected,
    onBlocked: () => {
      told.blocked += 1;
    },
  });
  /** So many restarts have their full time. */
  const pass = async (restarts: number) => {
    for (let restart = 0; restart < restarts; restart += 1) {
      await settled();
      timers.advance(6000);
    }
  };
  return { paths, timers, browser, told, pass };
}

test('a path that was only suspected, and that the browser finds good after the restart, is restarted once', async () => {
  const { paths, browser, told, pass } = answered();
  browser.isConnected = true;
  paths.lost('recv');
  expect(paths.areLost).toBe(true);
  await pass(1);
  expect(paths.areLost).toBe(false);
  await pass(3);
  expect(told).toEqual({ restarts: 1, blocked: 0 });
});

test('new transports over which media never came are blocked after five restarts that failed', async () => {
  const { paths, told, pass } = answered();
  paths.reset();
  paths.lost('recv');
  await pass(5);
  expect(told).toEqual({ restarts: 5, blocked: 1 });
});

test('new transports are tried for as long as those before, when media got through over those', async () => {
  const { paths, told, pass } = answered();
  paths.connected('recv');
  paths.reset();
  paths.lost('recv');
  await pass(19);
  expect(told.blocked).toBe(0);
  await pass(1);
  expect(told).toEqual({ restarts: 20, blocked: 1 });
});

test('new transports are well until the browser says otherwise, and nothing waits for those before', async () => {
  const { paths, timers } = answered();
  paths.lost('recv');
  await settled();
  paths.reset();
  expect([paths.areLost, timers.waiting]).toEqual([false, 0]);
});
