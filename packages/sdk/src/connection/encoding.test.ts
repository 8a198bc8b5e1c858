import { expect, test } from 'vitest';
import { applyEncodings, type Encoding } from './encoding.ts';

/** A sender whose parameters are only kept. */
class KeptParameters implements Pick<RTCRtpSender, 'getParameters' | 'setParameters'> {
  #encodings: RTCRtpEncodingParameters[];

  constructor(encodings: RTCRtpEncodingParameters[]) {
    this.#encodings = encodings;
  }

  getParameters(): RTCRtpSendParameters {
    const encodings = this.#encodings.map((encoding) => ({ ...encoding }));
    return { encodings, transactionId: 'one', codecs: [], headerExtensions: [], rtcp: {} };
  }

  async setParameters({ encodings }: RTCRtpSendParameters): Promise<void> {
    this.#encodings = encodings;
  }
}

const encoding = (scale: number, more: Partial<Encoding> = {}): Encoding => ({
  active: true,
  maxBitrate: 1000 / scale,
  scaleResolutionDownBy: scale,
  scaleResolutionDownTo: { maxWidth: 640 / scale, maxHeight: 480 / scale },
  ...more,
});

test('each encoding of a sender becomes what it is to be, and keeps what nothing is said of', async () => {
  const sender = new KeptParameters([
    { rid: 'r0', active: true, maxBitrate: 1, maxFramerate: 5 },
    { rid: 'r1', active: true, maxBitrate: 1, priority: 'high' },
    { rid: 'r2', active: true, maxBitrate: 7 },
  ]);
  await applyEncodings(sender as unknown as RTCRtpSender, [encoding(2), encoding(1, { active: false })]);
  expect(sender.getParameters().encodings).toEqual([
    { rid: 'r0', maxFramerate: 5, ...encoding(2) },
    { rid: 'r1', priority: 'high', ...encoding(1), active: false },
    { rid: 'r2', active: true, maxBitrate: 7 },
  ]);
});
