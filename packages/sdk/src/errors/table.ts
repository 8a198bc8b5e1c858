import { errors } from '@roomkey/protocol';

/** `TRTC.ERROR_CODE`: the classes of error. */
export const ERROR_CODE = {
  INVALID_PARAMETER: 5000,
  INVALID_OPERATION: 5100,
  ENV_NOT_SUPPORTED: 5200,
  DEVICE_ERROR: 5300,
  SERVER_ERROR: 5400,
  OPERATION_FAILED: 5500,
  OPERATION_ABORT: 5998,
  UNKNOWN_ERROR: 5999,
} as const;

interface Row {
  readonly web: number;
  readonly extraCode: number;
}

const parameter = (extraCode: number): Row => ({ web: ERROR_CODE.INVALID_PARAMETER, extraCode });
const operation = (extraCode: number): Row => ({ web: ERROR_CODE.INVALID_OPERATION, extraCode });
const environment = (extraCode: number): Row => ({ web: ERROR_CODE.ENV_NOT_SUPPORTED, extraCode });
const device = (extraCode: number): Row => ({ web: ERROR_CODE.DEVICE_ERROR, extraCode });
const failed = (extraCode: number): Row => ({ web: ERROR_CODE.OPERATION_FAILED, extraCode });

/**
 * What can go wrong on this side of the wire, with the vendor's numbers (`ERROR_CODE` and `extraCode` of its web SDK).
 * Refusals of the server have their own rows in `@roomkey/protocol`.
 */
export const localErrors = {
  parameterMissing: parameter(5001),
  parameterType: parameter(5002),
  parameterEmpty: parameter(5003),
  parameterRange: parameter(5005),
  parameterNegative: parameter(5006),
  elementMissing: parameter(5009),
  notAnElement: parameter(5010),
  streamTypeMissing: parameter(5014),
  roomIdNotANumber: parameter(5016),

  notInRoom: operation(5101),
  userNotInRoom: operation(5102),
  streamNotAvailable: operation(5103),
  repeatedCall: operation(5104),
  notStarted: operation(5109),
  destroyed: operation(5100),
  sceneNotLive: operation(5100),

  insecurePage: environment(5201),
  webrtcUnsupported: environment(5202),
  h264EncodeUnsupported: environment(5203),
  codecNotEncodable: environment(5200),
  screenShareUnsupported: environment(5205),

  deviceNotFound: device(5301),
  deviceNotAllowed: device(5302),
  deviceNotReadable: device(5303),
  deviceOverconstrained: device(5304),
  deviceInvalidState: device(5305),
  deviceSecurity: device(5306),
  deviceAbort: device(5307),
  cameraLost: device(5308),
  microphoneLost: device(5309),
  screenAudioLost: device(5300),
  trackEnded: device(5305),

  mediaPathFailed: failed(5501),
  rejoinFailed: failed(5502),
  kickedOut: failed(5500),
  notExited: failed(5500),
  mediaTimeout: failed(5500),

  aborted: { web: ERROR_CODE.OPERATION_ABORT, extraCode: 5998 },
  unknown: { web: ERROR_CODE.UNKNOWN_ERROR, extraCode: 5999 },
} as const satisfies Record<string, Row>;

/** Why an error came about: one name for every cause, of this SDK or of the server. */
export type Cause = keyof typeof localErrors | keyof typeof errors;

/** The vendor's numbers for a cause. */
export function rowOf(cause: Cause): Row {
  return Object.hasOwn(localErrors, cause)
    ? localErrors[cause as keyof typeof localErrors]
    : errors[cause as keyof typeof errors];
}
