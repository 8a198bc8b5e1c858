import type { Slot } from '@roomkey/tickets/permissions';
import { parseScalabilityMode, type types } from 'mediasoup';

type Encodings = readonly types.RtpEncodingParameters[];

/** Codecs that the engine takes several encodings of. */
const severalEncodings = /^video\/(vp8|h264)$/i;

/**
 * The encodings of a track as the engine's consumers are told of them. Those of a picture with a single encoding are not what is sent:
 *
 * - In VP8 and H.264 a second encoding is added, which never comes. With one alone the engine forwards everything whatever the link
 *   carries, and of VP8 with temporal layers it drops the first key frame: its receiver asks for another, too soon for the sender.
 *   Its SSRC is the next: the engine gives the encodings of each track SSRCs of nine digits, in a row.
 * - In VP9 a picture without layers is said to have two in time, so that it can pause. The second never comes either. Without it the
 *   engine would tell nothing of its layers, and nobody would know whether it flows.
 */
export function consumableEncodings(kind: types.MediaKind, codec: string, encodings: Encodings): Encodings {
  const [only] = encodings;
  if (kind !== 'video' || !only || encodings.length > 1) return encodings;
  if (severalEncodings.test(codec)) return [only, { ...only, ssrc: (only.ssrc ?? 0) + 1 }];
  return hasLayers(encodings) ? encodings : [{ ...only, scalabilityMode: 'L1T2' }];
}

/**
 * The encodings of a track as the engine is told that they are sent.
 *
 * - One in VP8 that is said to have no layers may have some in time all the same: then the engine would pass on only the lowest of them.
 * - Those of a screen may be silent for a while. After the key frame of a page of text Chromium sends nothing of a low encoding for two
 *   seconds, until its bitrate is kept on average. The engine would take that encoding for dead after 1.5 s, and ask for another key
 *   frame when it comes again; so nobody on a narrow link would ever have a whole page. Said to be discontinuous, it has 5 s.
 */
export function producedEncodings(slot: Slot, codec: string, encodings: Encodings): Encodings {
  if (slot === 'screen')
    return layersInTime(codec, encodings).map((encoding) => ({ ...encoding, dtx: true }));
  return layersInTime(codec, encodings);
}

function layersInTime(codec: string, encodings: Encodings): Encodings {
  const [only] = encodings;
  if (!only || encodings.length > 1 || only.scalabilityMode || !/^video\/vp8$/i.test(codec)) return encodings;
  return [{ ...only, scalabilityMode: 'L1T3' }];
}

/**
 * Whether the engine tells consumers of these encodings which layers flow. It takes a mode that it does not know for one without
 * layers. The type that a consumer of it bears says nothing: it is the one of the track as it is sent.
 */
export function hasLayers(encodings: Encodings): boolean {
  if (encodings.length > 1) return true;
  const { spatialLayers, temporalLayers } = parseScalabilityMode(encodings[0]?.scalabilityMode);
  return spatialLayers > 1 || temporalLayers > 1;
}
