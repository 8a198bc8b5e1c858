import { expect, test } from 'vitest';
import { describeStep, describeTime, Progress, parseStep } from './progress.ts';

test("ninja's steps are read, other lines are not", () => {
  expect(parseStep('[12/261] Compiling C++ object x.o')).toEqual({ done: 12, total: 261 });
  expect(parseStep('ninja: Entering directory `build`')).toBeUndefined();
  expect(parseStep('warning [1/2] here')).toBeUndefined();
  expect(parseStep('[0/0] ')).toBeUndefined();
  expect(parseStep('[3/2] ')).toBeUndefined();
});

test('a step tells percent, time so far and, after a tenth, time to go', () => {
  expect(describeStep({ done: 5, total: 261 }, 4_000)).toBe('1 % (5 of 261), 4 s so far');
  expect(describeStep({ done: 50, total: 200 }, 60_000)).toBe(
    '25 % (50 of 200), 1 min 0 s so far, about 3 min 0 s to go',
  );
  expect(describeStep({ done: 200, total: 200 }, 60_000)).toBe('100 % (200 of 200), 1 min 0 s so far');
  expect(describeTime(185_400)).toBe('3 min 5 s');
});

function recorded(isTTY: boolean): {
  screen: { isTTY: boolean; write(text: string): void };
  text: () => string;
} {
  let written = '';
  return {
    screen: {
      isTTY,
      write: (text) => {
        written += text;
      },
    },
    text: () => written,
  };
}

test('a terminal shows one line that is rewritten', () => {
  const { screen, text } = recorded(true);
  const progress = new Progress('building', screen, () => 0);
  progress.show({ done: 1, total: 100 });
  progress.show({ done: 2, total: 100 });
  progress.end();
  expect(text().split('\n')).toHaveLength(2);
  expect(text()).toContain('\r\x1b[2Kbuilding 2 % (2 of 100), 0 s so far');
});

test('elsewhere there is a line for each tenth', () => {
  const { screen, text } = recorded(false);
  const progress = new Progress('building', screen, () => 0);
  for (let done = 1; done <= 100; done += 1) progress.show({ done, total: 100 });
  progress.end();
  const lines = text().trimEnd().split('\n');
  expect(lines).toHaveLength(11);
  expect(lines[0]).toContain('1 %');
  expect(lines[10]).toContain('100 %');
});
