import type { RtpParameters } from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { trackParameters } from './track-parameters.ts';

const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
const rtx = { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } };
const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 };
const sent = (codecs: RtpParameters['codecs'], more: Partial<RtpParameters> = {}): RtpParameters => ({
  codecs,
  encodings: [{ ssrc: 1 }],
  ...more,
});
const refused = expect.objectContaining({ code: 'rtpParametersInvalid' });

test('a picture with its retransmission codec is taken', () => {
  expect(trackParameters('video', sent([vp8, rtx])).codecs).toEqual([vp8, rtx]);
});

test.each([
  ['a video codec in an audio track', 'audio', [vp8]],
  ['an audio codec in a video track', 'video', [opus]],
  ['a video codec behind an audio codec', 'audio', [opus, vp8]],
  ['a retransmission codec of the other kind', 'audio', [opus, rtx]],
] as const)('%s is refused', (_, kind, codecs) => {
  expect(() => trackParameters(kind, sent([...codecs]))).toThrow(refused);
});

test.each(['42e01f\r\na=candidate:evil', '1;useinbandfec=1', 'ä', '\0'])(
  'a codec parameter %j, which would reach the session descriptions of others, is refused',
  (value) => {
    expect(() => trackParameters('video', sent([{ ...vp8, parameters: { x: value } }]))).toThrow(refused);
    expect(() => trackParameters('video', sent([{ ...vp8, parameters: { [value]: '1' } }]))).toThrow(refused);
  },
);

test('names that a sender chose for its streams do not go on to receivers', () => {
  const parameters = trackParameters(
    'audio',
    sent([opus], { msid: 'stream track', rtcp: { cname: 'mine', reducedSize: false }, mid: '0' }),
  );
  expect(parameters).not.toHaveProperty('msid');
  expect(parameters.rtcp).toEqual({ reducedSize: true });
  expect(parameters.mid).toBe('0');
});

test('header extensions that are not in use are left out', () => {
  const mid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 };
  const level = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 };
  const headerExtensions = [level, { ...mid, parameters: { x: 1 } }];
  expect(trackParameters('audio', sent([opus], { headerExtensions })).headerExtensions).toEqual([mid]);
});
