import type { SdkMember } from './sdk-member.ts';

/** Lets members send each other a sound and a small picture; resolves when all publish. */
export async function exchange(members: readonly SdkMember[]): Promise<void> {
  // Before anybody publishes: nobody misses what there is to watch.
  for (const member of members)
    await member.run((trtc) => {
      trtc.on('remote-video-available', ({ userId }) => {
        void trtc.startRemoteVideo({ userId, streamType: 'main' as never, view: document.body });
      });
    });
  for (const member of members)
    await member.run(async (trtc) => {
      await trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } });
      await trtc.startLocalVideo({ option: { profile: '240p' } });
    });
}
