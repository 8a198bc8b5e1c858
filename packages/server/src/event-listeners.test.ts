import { expect, test } from 'vitest';
import { toEachListener } from './event-listeners.ts';
import type { CoreEvent } from './ports/index.ts';

const event: CoreEvent = { kind: 'refused', cause: 'roomFull', observed: false, sdkAppId: 1, at: 5 };

test('every listener hears an event, in their order, also behind one that throws', () => {
  const heard: unknown[] = [];
  const faults: unknown[] = [];
  const broken = new Error('a listener is broken');
  const tell = toEachListener(
    [
      (told) => heard.push(['first', told]),
      () => {
        throw broken;
      },
      (told) => heard.push(['last', told]),
    ],
    (error) => faults.push(error),
  );
  expect(() => tell(event)).not.toThrow();
  expect(heard).toEqual([
    ['first', event],
    ['last', event],
  ]);
  expect(faults).toEqual([broken]);
});
