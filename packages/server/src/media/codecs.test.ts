import { expect, test } from 'vitest';
import { offeredCapabilities, receiverCapabilities } from './codecs.ts';

const offered = offeredCapabilities();
const vp8 = new Set(['video/vp8', 'video/rtx']);
const uris = (extensions: readonly { readonly uri: string }[] = []) => [
  ...new Set(extensions.map(({ uri }) => uri.split(/[:/]/).at(-1))),
];

test('Opus, VP8, VP9 and H.264 are offered, each picture with retransmission', () => {
  expect(offered.codecs.map(({ mimeType }) => mimeType)).toEqual([
    'audio/opus',
    'video/VP8',
    'video/rtx',
    'video/VP9',
    'video/rtx',
    'video/H264',
    'video/rtx',
  ]);
});

test('lost packets of sound and picture are asked for again, in both directions', () => {
  const again = offered.codecs
    .filter(({ rtcpFeedback = [] }) =>
      rtcpFeedback.some(({ type, parameter }) => type === 'nack' && !parameter),
    )
    .map(({ mimeType }) => mimeType);
  expect(again).toEqual(['audio/opus', 'video/VP8', 'video/VP9', 'video/H264']);
});

test('H.264 is constrained baseline in packetization mode 1', () => {
  expect(offered.codecs.find(({ mimeType }) => mimeType === 'video/H264')?.parameters).toEqual({
    'packetization-mode': 1,
    'profile-level-id': '42e01f',
    'level-asymmetry-allowed': 1,
  });
});

test('only header extensions in use are offered', () => {
  expect(uris(offered.headerExtensions)).toEqual([
    'mid',
    'rtp-stream-id',
    'repaired-rtp-stream-id',
    'draft-holmer-rmcat-transport-wide-cc-extensions-01',
  ]);
});

test('REMB, which the engine throws away, is not offered', () => {
  expect(JSON.stringify(offered)).not.toContain('remb');
});

test('a receiver is sent transport-cc only where it is wanted, and never what is not offered', () => {
  const client = {
    ...offered,
    headerExtensions: [
      ...(offered.headerExtensions ?? []),
      { kind: 'video' as const, uri: 'urn:3gpp:video-orientation', preferredId: 8 },
    ],
  };
  expect(uris(receiverCapabilities(client, vp8, false).headerExtensions)).toEqual([
    'mid',
    'rtp-stream-id',
    'repaired-rtp-stream-id',
  ]);
  expect(uris(receiverCapabilities(client, vp8, true).headerExtensions)).toEqual(
    uris(offered.headerExtensions),
  );
});

test('a receiver is sent only the codecs of the track, however it spells them', () => {
  const [opus, ...pictures] = offered.codecs;
  const client = { codecs: [{ ...opus, mimeType: 'audio/OPUS' } as typeof opus & object, ...pictures] };
  const sent = (mimeTypes: Set<string>) =>
    receiverCapabilities(client, mimeTypes, false).codecs?.map(({ mimeType }) => mimeType);
  expect(sent(new Set(['audio/opus']))).toEqual(['audio/OPUS']);
  expect(sent(vp8)).toEqual(['video/VP8', 'video/rtx', 'video/rtx', 'video/rtx']);
});
