import type { Platform } from './platform.ts';

/** What `TRTC.isSupported` answers. */
export interface SupportResult {
  /** The browser can take part in a call. */
  readonly result: boolean;
  readonly detail: {
    readonly isBrowserSupported: boolean;
    readonly isWebRTCSupported: boolean;
    readonly isWebCodecsSupported: boolean;
    /** False on pages that are neither from HTTPS nor from localhost, too. */
    readonly isMediaDevicesSupported: boolean;
    readonly isScreenShareSupported: boolean;
    readonly isSmallStreamSupported: boolean;
    readonly isH264EncodeSupported: boolean;
    readonly isH264DecodeSupported: boolean;
    readonly isVp8EncodeSupported: boolean;
    readonly isVp8DecodeSupported: boolean;
  };
}

/** Asks the browser what it can do. */
export function support({ devices, mediaDevices }: Platform): SupportResult {
  const can = (codec: string, capable: typeof RTCRtpSender | typeof RTCRtpReceiver | undefined): boolean =>
    capable?.getCapabilities?.('video')?.codecs.some(({ mimeType }) => mimeType === `video/${codec}`) ??
    false;
  const { RTCRtpSender: sender, RTCRtpReceiver: receiver } = globalThis;
  const { usable } = devices;
  const isMediaDevicesSupported = typeof mediaDevices?.getUserMedia === 'function';
  const detail = {
    isBrowserSupported: usable,
    isWebRTCSupported: typeof globalThis.RTCPeerConnection === 'function',
    isWebCodecsSupported: 'VideoEncoder' in globalThis,
    isMediaDevicesSupported,
    isScreenShareSupported: typeof mediaDevices?.getDisplayMedia === 'function',
    isSmallStreamSupported: usable,
    isH264EncodeSupported: can('H264', sender),
    isH264DecodeSupported: can('H264', receiver),
    isVp8EncodeSupported: can('VP8', sender),
    isVp8DecodeSupported: can('VP8', receiver),
  };
  return { result: usable && isMediaDevicesSupported && detail.isVp8DecodeSupported, detail };
}
