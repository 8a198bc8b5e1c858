import { RtcError } from '../errors/rtc-error.ts';
import type { Cause } from '../errors/table.ts';

/** How browsers name what is wrong with a device (`DOMException.name`), old spellings included. */
const causes: Readonly<Record<string, Cause>> = {
  NotFoundError: 'deviceNotFound',
  DevicesNotFoundError: 'deviceNotFound',
  NotAllowedError: 'deviceNotAllowed',
  PermissionDeniedError: 'deviceNotAllowed',
  NotReadableError: 'deviceNotReadable',
  TrackStartError: 'deviceNotReadable',
  OverconstrainedError: 'deviceOverconstrained',
  ConstraintNotSatisfiedError: 'deviceOverconstrained',
  InvalidStateError: 'deviceInvalidState',
  SecurityError: 'deviceSecurity',
  AbortError: 'deviceAbort',
};

const advice: Partial<Record<Cause, string>> = {
  deviceNotFound: 'was not found; is one plugged in?',
  deviceNotAllowed: 'was refused; allow it in the browser and in the system settings.',
  deviceNotReadable: 'cannot be read; another program may be using it.',
  deviceOverconstrained: 'cannot do what was asked for; try another profile or device.',
  deviceInvalidState: 'cannot be opened while the page is not active.',
  deviceSecurity: 'is switched off for this page.',
  deviceAbort: 'could not be started by the browser.',
};

/** What the browser said about a device, as a `DEVICE_ERROR` with its cause. `what` begins the sentence. */
export function deviceError(error: unknown, what: string): RtcError {
  const name = error instanceof Error ? error.name : '';
  const cause = causes[name];
  if (!cause) return RtcError.from(error);
  return new RtcError(cause, `${what} ${advice[cause]}`, { originError: error });
}

/** @throws {RtcError} `insecurePage` */
function devicesOf(mediaDevices: MediaDevices | undefined): MediaDevices {
  if (mediaDevices) return mediaDevices;
  const message = 'The browser gives cameras and microphones only to pages from HTTPS or localhost.';
  throw new RtcError('insecurePage', message);
}

/** Opens a camera or a microphone. @throws {RtcError} a device error, or `insecurePage` */
export async function captureDevice(
  mediaDevices: MediaDevices | undefined,
  constraints: { readonly audio: MediaTrackConstraints } | { readonly video: MediaTrackConstraints },
): Promise<MediaStreamTrack> {
  const what = 'audio' in constraints ? 'The microphone' : 'The camera';
  const devices = devicesOf(mediaDevices);
  try {
    const stream = await devices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (!track) throw new RtcError('deviceNotFound', `${what} ${advice.deviceNotFound}`);
    return track;
  } catch (error) {
    throw deviceError(error, what);
  }
}

/** Lets the user choose a screen, window or tab. @throws {RtcError} a device error, or `screenShareUnsupported` */
export async function captureScreen(
  mediaDevices: MediaDevices | undefined,
  options: DisplayMediaStreamOptions,
): Promise<{ readonly video: MediaStreamTrack; readonly audio: MediaStreamTrack | undefined }> {
  const devices = devicesOf(mediaDevices);
  if (typeof devices.getDisplayMedia !== 'function') {
    throw new RtcError('screenShareUnsupported', 'This browser cannot share a screen.');
  }
  try {
    const stream = await devices.getDisplayMedia(options);
    const [video] = stream.getVideoTracks();
    if (!video) throw new RtcError('deviceNotFound', 'The screen was not found.');
    return { video, audio: stream.getAudioTracks()[0] };
  } catch (error) {
    throw deviceError(error, 'The screen');
  }
}
