import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './system-clock.ts';

const busy = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

test('what has arrived while the process was busy is read before anybody is judged', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const accepted = once(server, 'connection');
  await once(server, 'listening');
  const near = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [far] = (await accepted) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  const order: string[] = [];
  near.on('data', () => order.push('the answer is read'));
  await new Promise<void>((judged) => {
    systemClock.after(10, () => {
      order.push('judged');
      judged();
    });
    far.write('an answer');
    busy(30);
  });
  expect(order).toEqual(['the answer is read', 'judged']);
});

test('a job is undone before its time, and also while what has arrived is read', async () => {
  const done: string[] = [];
  const undo = systemClock.after(5, () => done.push('early'));
  undo();
  const late = systemClock.after(5, () => done.push('late'));
  // A timer of the same time that comes behind: the job's time is over, and it waits for the reading.
  await new Promise<void>((next) => {
    setTimeout(() => {
      late();
      setImmediate(next);
    }, 5);
    // Until both are over, so that they run one behind the other.
    busy(10);
  });
  expect(done).toEqual([]);
});
