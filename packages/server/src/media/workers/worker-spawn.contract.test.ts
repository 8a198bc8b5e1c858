import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startWorker } from './worker-session.ts';

const plane = new URL('../index.ts', import.meta.url).href;
const workerBin = process.env['ROOMKEY_WORKER_BIN'] ?? '';

/** Node's own call that starts a process, and the handle that asks the system. */
interface Spawning {
  spawn(options: object): number;
  readonly _handle: { spawn(options: object): number };
}
const original = (ChildProcess.prototype as unknown as Spawning).spawn;

/** Its worker dies while it has no descriptor left; later it gives some back. */
const program = `
  import { closeSync, openSync } from 'node:fs';
  import { MediasoupPlane } from ${JSON.stringify(plane)};
  const held = [];
  let failures = 0;
  const log = (level, message) => {
    if (!/does not start/.test(message)) return;
    process.stdout.write(message + '\\n');
    if (++failures === 3) for (const file of held) closeSync(file);
  };
  const plane = await MediasoupPlane.create({ workerBin: process.env.ROOMKEY_WORKER_BIN, listenIp: '127.0.0.1', workers: 1, log });
  const [{ pid }] = (await plane.snapshot()).workers;
  process.stdout.write('started\\n');
  try {
    for (;;) held.push(openSync('/dev/null'));
  } catch {}
  process.kill(pid, 'SIGKILL');
  const look = setInterval(() => {
    if (failures < 3 || !plane.ready) return;
    clearInterval(look);
    process.stdout.write('runs again\\n');
    plane.close();
  }, 20);
`;

test('a worker that cannot be started for want of descriptors is tried again, and runs when there are some', async () => {
  const command =
    'ulimit -n 120 && exec "$0" --conditions=source --import tsx --input-type=module --eval "$1"';
  const child = spawn('sh', ['-c', command, process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const [code] = await once(child, 'close');
  expect(said).toEqual([
    'started',
    ...Array.from({ length: 3 }, () => expect.stringMatching(/EMFILE.*ulimit -n/)),
    'runs again',
  ]);
  expect(code).toBe(0);
});

test.each(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOENT', 'EACCES'] as const)(
  'a start that the system refuses with %s is rejected with that',
  async (code) => {
    const refused = vi.spyOn(ChildProcess.prototype as unknown as Spawning, 'spawn');
    onTestFinished(() => refused.mockRestore());
    refused.mockImplementation(function (this: Spawning, options) {
      this._handle.spawn = () => -constants.errno[code];
      return original.call(this, options);
    });
    await expect(startWorker({ workerBin, logLevel: 'error' })).rejects.toThrow(code);
  },
);
