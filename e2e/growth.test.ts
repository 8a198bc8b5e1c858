import { inspected } from '@roomkey/testkit/launch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({
    env: { ROOMKEY_LOG_LEVEL: 'warn', ...inspected },
  });
});

afterAll(() => stage.close());

interface Counts {
  readonly rooms: number;
  readonly members: number;
  readonly transports: number;
  readonly consumers: number;
  readonly connections: number;
  readonly workerMiB: number;
  readonly heapMiB: number;
}

async function counts(): Promise<Counts> {
  const text = await (await fetch(`${stage.server.url}/metrics`)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    rooms: sum('roomkey_rooms'),
    members: sum('roomkey_members'),
    transports: sum('roomkey_transports'),
    consumers: sum('roomkey_consumers'),
    connections: sum('roomkey_connections'),
    workerMiB: sum('roomkey_worker_resident_bytes') / 2 ** 20,
    heapMiB: sum('roomkey_process_heap_used_bytes') / 2 ** 20,
  };
}

test('two hundred entries and exits with media leave nothing behind', async () => {
  const page = await stage.page();
  const entry = stage.entry('ana');
  const cycles = (times: number) =>
    page.evaluate(
      async ({ options, times: count }) => {
        const audioTrack = window.kit.tone();
        for (let i = 0; i < count; i++) {
          const trtc = window.TRTC.create();
          await trtc.enterRoom(options);
          await trtc.startLocalAudio({ option: { audioTrack } });
          await trtc.exitRoom();
          await trtc.stopLocalAudio();
          trtc.destroy();
        }
        audioTrack.stop();
        const elements = document.querySelectorAll('audio, video').length;
        return { connections: window.kit.openConnections(), elements };
      },
      { options: entry, times },
    );

  expect(await cycles(100)).toEqual({ connections: 0, elements: 0 });
  await stage.server.collectGarbage();
  const half = await counts();
  expect(await cycles(100)).toEqual({ connections: 0, elements: 0 });
  await expect
    .poll(counts)
    .toMatchObject({ rooms: 0, members: 0, transports: 0, consumers: 0, connections: 0 });
  expect((await counts()).workerMiB).toBeLessThan(half.workerMiB * 1.1 + 1);
  await stage.server.collectGarbage();
  expect((await counts()).heapMiB).toBeLessThan(half.heapMiB + 1);
});
