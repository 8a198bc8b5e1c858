import type { RefusalData } from './shapes.ts';

/** How one refusal is said to each kind of caller. Numbers outside this table are never typed anywhere. */
export interface ErrorRow {
  /** JSON-RPC code. */
  readonly rpc: number;
  /** `TRTC.ERROR_CODE` of the browser SDK. */
  readonly web: number;
  /** `extraCode` of the browser SDK. */
  readonly extraCode: number;
  /** Number of the vendor's native SDKs. */
  readonly native: number;
  /** `AV_ERR_…` number of ILVB. */
  readonly ilvb: number;
  /** Error code of the cloud API. */
  readonly api: string;
  readonly http: number;
  /** Whether the same request can succeed later. */
  readonly retry: boolean;
}

const row = (
  web: number,
  extraCode: number,
  native: number,
  ilvb: number,
  api: string,
  http: number,
  more: { rpc?: number; retry?: boolean } = {},
): ErrorRow => ({
  rpc: more.rpc ?? -32000,
  web,
  extraCode,
  native,
  ilvb,
  api,
  http,
  retry: more.retry ?? false,
});

// ILVB: 1003 already in state, 1004 invalid argument, 1201 not entered, 10001 server failed, 10003 no permission, 10005 no resource.
const badUserSig = (extraCode: number): ErrorRow =>
  row(5400, extraCode, -100018, 10003, 'AuthFailure.UserSig', 401);
const badKey = (): ErrorRow => row(5400, -100006, -100006, 10003, 'AuthFailure.PrivateMapKey', 403);
const denied = (number: number): ErrorRow =>
  row(5400, number, number, 10003, 'UnauthorizedOperation.Permission', 403);
const invalid = (extraCode: number, native: number, api: string): ErrorRow =>
  row(5000, extraCode, native, 1004, api, 400);
const badMedia = (): ErrorRow => row(5000, 5005, -3301, 1004, 'InvalidParameter', 400);

/**
 * Every refusal of the product. Vendor numbers: the native SDKs' `TXLiteAVCode` (−33xx, −1000xx, −1020xx),
 * its account codes (700xx), the web SDK's `ERROR_CODE` and `extraCode` lists, ILVB's `AV_ERR_` list.
 * Where the vendor has one number for several causes, our name keeps them apart.
 */
export const errors = {
  // The wire.
  parseError: row(5400, -32700, -3301, 1004, 'InvalidParameter', 400, { rpc: -32700 }),
  invalidRequest: row(5400, -32600, -3301, 1004, 'InvalidParameter', 400, { rpc: -32600 }),
  methodNotFound: row(5400, -32601, -3301, 1006, 'InvalidAction', 404, { rpc: -32601 }),
  invalidParams: row(5000, 5002, -3301, 1004, 'InvalidParameter', 400, { rpc: -32602 }),
  internal: row(5400, -32603, -3301, 10001, 'InternalError', 500, { rpc: -32603, retry: true }),
  tooManyRequests: row(5400, -3308, -3308, 10005, 'RequestLimitExceeded', 429, { retry: true }),
  notEntered: row(5100, 5101, -3301, 1201, 'FailedOperation.UserNotExist', 409),
  alreadyEntered: row(5100, 5104, -3340, 1003, 'FailedOperation', 409),
  serverStopping: row(5400, -3308, -3308, 10001, 'InternalError', 503, { retry: true }),
  connectionLost: row(5400, -3308, -3308, 1005, 'InternalError', 503, { retry: true }),

  // Entry: who, where.
  applicationUnknown: row(5400, -8, -3317, 10002, 'FailedOperation.SdkAppIdNotExist', 404),
  userIdIllegal: invalid(5005, -3319, 'InvalidParameter.UserId'),
  roomIdMissing: invalid(5015, -3318, 'MissingParameter.RoomId'),
  roomIdIllegal: invalid(5013, -3318, 'InvalidParameter.RoomId'),
  strRoomIdIllegal: invalid(5012, -3318, 'InvalidParameter.RoomId'),

  // Entry: UserSig.
  userSigMissing: badUserSig(70002),
  userSigMalformed: badUserSig(70003),
  userSigUnsafe: badUserSig(70005),
  userSigForged: badUserSig(70009),
  userSigWrongApplication: badUserSig(70014),
  userSigWrongUser: badUserSig(70013),
  userSigExpired: badUserSig(70001),
  userSigIssuedInFuture: badUserSig(70052),
  userSigIsPrivateMapKey: badUserSig(70052),

  // Entry: PrivateMapKey.
  privateMapKeyMissing: badKey(),
  privateMapKeyMalformed: badKey(),
  privateMapKeyUnsafe: badKey(),
  privateMapKeyForged: badKey(),
  privateMapKeyWrongApplication: badKey(),
  privateMapKeyWrongUser: badKey(),
  privateMapKeyWrongRoom: badKey(),
  privateMapKeyExpired: badKey(),
  privateMapKeyIssuedInFuture: badKey(),
  privateMapKeyIsUserSig: badKey(),

  // Entry: bits and room.
  enterRoomDenied: denied(-102011),
  createRoomDenied: denied(-102010),
  authBitsIllegal: invalid(5005, -3301, 'InvalidParameter'),
  authBitsBeyondHeld: denied(-100006),
  roomFull: row(5400, -102052, -102052, 10005, 'LimitExceeded', 503, { retry: true }),
  serverFull: row(5400, -102002, -102002, 10005, 'LimitExceeded', 503, { retry: true }),
  userAlreadyInside: row(5400, -3340, -3340, 1003, 'FailedOperation', 409),

  // Media: permission. The vendor has no number for a missing audio or receive-audio bit; -100006 says "permission".
  sendAudioDenied: denied(-100006),
  recvAudioDenied: denied(-100006),
  sendVideoDenied: denied(-102013),
  recvVideoDenied: denied(-102019),
  sendSubDenied: denied(-102015),
  recvSubDenied: denied(-102019),

  // Media: form.
  kindMismatch: badMedia(),
  rtpParametersInvalid: badMedia(),
  codecUnsupported: badMedia(),
  tooManyEncodings: badMedia(),
  slotTaken: row(5100, 5104, -102016, 1003, 'FailedOperation', 409),
  bitrateExceeded: row(5500, 5008, -3301, 10005, 'LimitExceeded', 429),
  transportUnknown: row(5100, 5101, -3301, 1004, 'ResourceNotFound', 404),
  transportExists: row(5100, 5104, -3301, 1003, 'FailedOperation', 409),
  transportWrongDirection: row(5100, 5104, -3301, 1004, 'InvalidParameter', 400),
  trackUnknown: row(5100, 5103, -3301, 1401, 'ResourceNotFound', 404),
  consumerUnknown: row(5100, 5103, -3301, 1401, 'ResourceNotFound', 404),
  memberUnknown: row(5100, 5102, -3301, 1401, 'FailedOperation.UserNotExist', 404),
  rtpCapabilitiesMissing: row(5000, 5001, -3301, 1004, 'MissingParameter', 400),
  mediaUnavailable: row(5400, -3308, -3308, 10001, 'InternalError', 503, { retry: true }),

  // Administration.
  applicationExists: row(5400, -8, -3317, 1003, 'FailedOperation', 409),
  keyUnknown: row(5400, -8, -3317, 1004, 'ResourceNotFound', 404),
  settingInvalid: row(5000, 5005, -3301, 1004, 'InvalidParameterValue', 400),
} satisfies Record<string, ErrorRow>;

/** Our name of a refusal: distinct for every cause. */
export type ErrorName = keyof typeof errors;

/** A refusal that may be told to the caller. Its message says what to do and never holds a ticket or a key. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorName;
  readonly data: RefusalData;

  constructor(code: ErrorName, message: string, options: ErrorOptions & { data?: RefusalData } = {}) {
    super(message, options);
    this.code = code;
    this.data = options.data ?? {};
  }

  /** The error of a received answer; an unknown name (a newer server) becomes `internal`. */
  static fromWire(
    message: string,
    data: ({ readonly name: string } & RefusalData) | undefined,
  ): ServiceError {
    const code = data && Object.hasOwn(errors, data.name) ? (data.name as ErrorName) : 'internal';
    return new ServiceError(code, message, { data: { permission: data?.permission } });
  }
}
