import type { types } from 'mediasoup-client';

/** One encoding of a picture that is sent. */
export interface Encoding extends types.RtpEncodingParameters {
  /** False: it is set up, and not sent for now. */
  active: boolean;
  /** Bits per second. */
  maxBitrate: number;
  /** By how much each side is made shorter. */
  scaleResolutionDownBy: number;
  /**
   * The size that it may have at most, which does the same. Browsers that know it look at nothing else, and send every encoding
   * however small it is. The others drop the upper encodings of a small picture.
   */
  scaleResolutionDownTo: { readonly maxWidth: number; readonly maxHeight: number };
}

/**
 * Tells a sender what each of its encodings is to be like, in the order in which they were set up. What an encoding does not say
 * stays as it is.
 *
 * @throws the browser's refusal; then nothing changed
 */
export async function applyEncodings(sender: RTCRtpSender, encodings: readonly Encoding[]): Promise<void> {
  const parameters = sender.getParameters();
  parameters.encodings.forEach((now, index) => {
    const { active, maxBitrate, maxFramerate, scaleResolutionDownBy, scaleResolutionDownTo } =
      encodings[index] ?? {};
    const wanted = { active, maxBitrate, maxFramerate, scaleResolutionDownBy, scaleResolutionDownTo };
    for (const [name, value] of Object.entries(wanted))
      if (value !== undefined) Object.assign(now, { [name]: value });
  });
  await sender.setParameters(parameters);
}
