import { expect, test } from 'vitest';
import { AutoplayGuard } from './autoplay-guard.ts';

function guarded() {
  const page = new EventTarget();
  const raised: unknown[] = [];
  const guard = new AutoplayGuard(page as Document, (event, ...payload) => {
    raised.push([event, ...payload]);
  });
  guard.showsDialog = false;
  const tries = { count: 0, fails: false };
  const resume = async () => {
    tries.count += 1;
    if (tries.fails) throw new DOMException('still', 'NotAllowedError');
  };
  return { page, raised, guard, tries, resume };
}

test('the next gesture on the page plays what is blocked, once', async () => {
  const { page, raised, guard, tries, resume } = guarded();
  guard.blocked({ userId: 'bob', mediaType: 'audio', resume });
  expect(raised).toMatchObject([['autoplay-failed', { userId: 'bob', mediaType: 'audio' }]]);
  page.dispatchEvent(new Event('click'));
  await Promise.resolve();
  await Promise.resolve();
  page.dispatchEvent(new Event('click'));
  expect(tries.count).toBe(1);
});

test('what still does not play is tried again at the next gesture', async () => {
  const { page, guard, tries, resume } = guarded();
  tries.fails = true;
  guard.blocked({ userId: 'bob', mediaType: 'audio', resume });
  page.dispatchEvent(new Event('keydown'));
  await Promise.resolve();
  page.dispatchEvent(new Event('touchend'));
  expect(tries.count).toBe(2);
});

test('what is cleared is not played any more', () => {
  const { page, guard, tries, resume } = guarded();
  guard.blocked({ userId: 'bob', mediaType: 'audio', resume });
  guard.clear();
  page.dispatchEvent(new Event('click'));
  expect(tries.count).toBe(0);
});
