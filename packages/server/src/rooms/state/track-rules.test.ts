import type { RtpParameters } from '@roomkey/protocol';
import { describe, expect, test } from 'vitest';
import { checkBeside, checkParameters } from './track-rules.ts';

const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
const vp9 = { mimeType: 'video/VP9', payloadType: 98, clockRate: 90_000 };
const rtx = { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } };
const mid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 };
const rid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 5 };
const camera = (more: Partial<RtpParameters>): RtpParameters => ({
  codecs: [vp8, rtx],
  encodings: [{ ssrc: 1 }],
  ...more,
});
const invalid = expect.objectContaining({ code: 'rtpParametersInvalid' });

test.each<[string, Partial<RtpParameters>]>([
  ['one stream by its ssrc', {}],
  ['a codec without RTX', { codecs: [vp8] }],
  ['one stream by its mid', { mid: '0', encodings: [{}] }],
  ['one stream by its rid', { encodings: [{ rid: 'r0' }] }],
  ['three by their rids', { mid: '0', encodings: [{ rid: 'r0' }, { rid: 'r1' }, { rid: 'r2' }] }],
  [
    'three by their ssrcs, with retransmissions',
    { encodings: [1, 3, 5].map((ssrc) => ({ ssrc, rtx: { ssrc: ssrc + 1 } })) },
  ],
  ['the payload type of the codec', { encodings: [{ ssrc: 1, codecPayloadType: 96 }] }],
  ['what is always so of RTCP', { rtcp: { cname: 'c', mux: true, reducedSize: true } }],
  ['header extensions in the clear', { headerExtensions: [{ ...mid, encrypt: false }, rid] }],
])('%s is taken', (_, more) => {
  expect(() => checkParameters('camera', camera(more))).not.toThrow();
});

describe('is refused, because the page says otherwise:', () => {
  test.each<[string, Partial<RtpParameters>]>([
    ['RTX before the codec', { codecs: [rtx, vp8] }],
    ['RTX alone', { codecs: [rtx] }],
    ['two media codecs', { codecs: [vp8, vp9] }],
    ['two RTX codecs', { codecs: [vp8, rtx, { ...rtx, payloadType: 99 }] }],
    ['RTX of another payload type', { codecs: [vp8, { ...rtx, parameters: { apt: 98 } }] }],
    ['RTX of nothing', { codecs: [vp8, { ...rtx, parameters: {} }] }],
    ['RTX with the payload type of the codec', { codecs: [vp8, { ...rtx, payloadType: 96 }] }],
    ['the payload type of RTX for an encoding', { encodings: [{ ssrc: 1, codecPayloadType: 97 }] }],
    ['retransmissions without an RTX codec', { codecs: [vp8], encodings: [{ ssrc: 1, rtx: { ssrc: 2 } }] }],
    ['a stream that nothing tells', { encodings: [{}] }],
    ['several streams by one mid', { mid: '0', encodings: [{ ssrc: 1 }, {}] }],
    ['one rid twice', { encodings: [{ rid: 'a' }, { rid: 'a' }] }],
    ['one ssrc twice', { encodings: [{ ssrc: 1 }, { ssrc: 1 }] }],
    ['one ssrc for a stream and its retransmissions', { encodings: [{ ssrc: 1, rtx: { ssrc: 1 } }] }],
    ['one id for two header extensions', { headerExtensions: [mid, { ...rid, id: 4 }] }],
    ['two ids for one header extension', { headerExtensions: [mid, { ...mid, id: 5 }] }],
    ['an encrypted header extension', { headerExtensions: [{ ...mid, encrypt: true }] }],
    ['RTCP on a port of its own', { rtcp: { mux: false } }],
    ['only compound RTCP', { rtcp: { reducedSize: false } }],
  ])('%s', (_, more) => {
    expect(() => checkParameters('camera', camera(more))).toThrow(invalid);
  });
});

test('several encodings are simulcast of VP8 and H.264; VP9 has one', () => {
  const encodings = [{ ssrc: 1 }, { ssrc: 2 }];
  const refused = expect.objectContaining({ code: 'tooManyEncodings' });
  expect(() => checkParameters('camera', camera({ codecs: [vp9], encodings }))).toThrow(refused);
  expect(() => checkParameters('camera', camera({ codecs: [vp9] }))).not.toThrow();
  const h264 = { ...vp8, mimeType: 'video/h264' };
  expect(() => checkParameters('camera', camera({ codecs: [h264], encodings }))).not.toThrow();
  expect(() => checkParameters('screen', camera({ codecs: [vp9], encodings }))).toThrow(refused);
  expect(() => checkParameters('screen', camera({ encodings }))).not.toThrow();
});

test('an id means the same header extension in all tracks of a transport', () => {
  const beside = camera({ headerExtensions: [mid, rid] });
  const check = (headerExtensions: RtpParameters['headerExtensions']) => () =>
    checkBeside(camera({ headerExtensions }), [camera({}), beside]);
  expect(check([mid])).not.toThrow();
  expect(check([rid, mid])).not.toThrow();
  expect(check([{ uri: 'urn:other', id: 9 }])).not.toThrow();
  expect(check(undefined)).not.toThrow();
  expect(check([{ uri: 'urn:other', id: 4 }])).toThrow(invalid);
  expect(check([{ ...mid, id: 9 }])).toThrow(invalid);
});
