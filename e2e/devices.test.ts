import { afterEach, expect, test } from 'vitest';
import { Stage } from './harness/stage.ts';

let stage: Stage | undefined;

afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test.each([
  ['there is no camera', 'none', 5301, 'NotFoundError'],
  ['the user refuses the camera', 'denied', 5302, 'NotAllowedError'],
] as const)(
  'where %s the app gets a device error and the member stays inside',
  async (_title, devices, extraCode, origin) => {
    stage = await Stage.open({ devices });
    const ana = await stage.member('ana');
    for (const method of ['startLocalVideo', 'startLocalAudio'] as const) {
      const error = await ana.run(async (trtc, name) => {
        try {
          await trtc[name]();
          return undefined;
        } catch (thrown) {
          const {
            code,
            extraCode: extra,
            originError,
          } = thrown as { code: number; extraCode: number; originError?: Error };
          return { code, extraCode: extra, origin: originError?.name };
        }
      }, method);
      expect(error).toEqual({ code: 5300, extraCode, origin });
    }
    const bob = await stage.member('bob');
    await expect.poll(() => ana.heard('remote-user-enter')).toEqual([{ userId: 'bob' }]);
    expect(bob.userId).toBe('bob');
  },
);
