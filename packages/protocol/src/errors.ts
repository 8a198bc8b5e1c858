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
  /** One plain sentence for the caller: what is wrong and what to do. */
  readonly says: string;
}

const row = (
  web: number,
  extraCode: number,
  native: number,
  ilvb: number,
  api: string,
  http: number,
  says: string,
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
  says,
});

// ILVB: 1003 already in state, 1004 invalid argument, 1201 not entered, 10001 server failed, 10003 no permission, 10005 no resource.
const badUserSig = (extraCode: number, says: string): ErrorRow =>
  row(5400, extraCode, -100018, 10003, 'AuthFailure.UserSig', 401, says);
const badKey = (says: string): ErrorRow =>
  row(5400, -100006, -100006, 10003, 'AuthFailure.PrivateMapKey', 403, says);
const denied = (number: number, says: string): ErrorRow =>
  row(5400, number, number, 10003, 'UnauthorizedOperation.Permission', 403, says);
const invalid = (extraCode: number, native: number, api: string, says: string): ErrorRow =>
  row(5000, extraCode, native, 1004, api, 400, says);
const badMedia = (says: string): ErrorRow => row(5000, 5005, -3301, 1004, 'InvalidParameter', 400, says);

/**
 * Every refusal of the product. Vendor numbers: the native SDKs' `TXLiteAVCode` (−33xx, −1000xx, −1020xx),
 * its account codes (700xx), the web SDK's `ERROR_CODE` and `extraCode` lists, ILVB's `AV_ERR_` list.
 * Where the vendor has one number for several causes, our name keeps them apart.
 */
export const errors = {
  // The wire.
  parseError: row(5400, -32700, -3301, 1004, 'InvalidParameter', 400, 'The message is not JSON.', {
    rpc: -32700,
  }),
  invalidRequest: row(
    5400,
    -32600,
    -3301,
    1004,
    'InvalidParameter',
    400,
    'The message is not one JSON-RPC 2.0 message.',
    { rpc: -32600 },
  ),
  methodNotFound: row(5400, -32601, -3301, 1006, 'InvalidAction', 404, 'There is no such method.', {
    rpc: -32601,
  }),
  invalidParams: row(
    5000,
    5002,
    -3301,
    1004,
    'InvalidParameter',
    400,
    'The parameters do not fit the method.',
    { rpc: -32602 },
  ),
  internal: row(
    5400,
    -32603,
    -3301,
    10001,
    'InternalError',
    500,
    'The server failed to handle this request; its log says why.',
    { rpc: -32603, retry: true },
  ),
  tooManyRequests: row(
    5400,
    -3308,
    -3308,
    10005,
    'RequestLimitExceeded',
    429,
    'You sent too many requests; wait a moment.',
    { retry: true },
  ),
  tooManyChanges: row(
    5400,
    -3308,
    -3308,
    10005,
    'RequestLimitExceeded',
    429,
    'You made too many changes that other members have to follow; wait a moment.',
    { retry: true },
  ),
  notEntered: row(5100, 5101, -3301, 1201, 'FailedOperation.UserNotExist', 409, 'Enter a room first.'),
  alreadyEntered: row(
    5100,
    5104,
    -3340,
    1003,
    'FailedOperation',
    409,
    'This connection is already in a room.',
  ),
  serverStopping: row(
    5400,
    -3308,
    -3308,
    10001,
    'InternalError',
    503,
    'The server is stopping; connect again in a moment.',
    { retry: true },
  ),
  connectionLost: row(
    5400,
    -3308,
    -3308,
    1005,
    'InternalError',
    503,
    'The connection to the server was lost.',
    { retry: true },
  ),

  resumeRefused: row(
    5400,
    -3301,
    -3301,
    1201,
    'FailedOperation.UserNotExist',
    409,
    'This secret gives back no seat; enter the room again.',
  ),

  // Entry: who, where.
  applicationUnknown: row(
    5400,
    -8,
    -3317,
    10002,
    'FailedOperation.SdkAppIdNotExist',
    404,
    'This server has no application with this SDKAppID.',
  ),
  userIdIllegal: invalid(
    5005,
    -3319,
    'InvalidParameter.UserId',
    'A user id is 1 to 32 characters: letters, digits, "_" and "-".',
  ),
  roomIdMissing: invalid(5015, -3318, 'MissingParameter.RoomId', 'Give a roomId or a strRoomId.'),
  roomIdIllegal: invalid(
    5013,
    -3318,
    'InvalidParameter.RoomId',
    'A numeric room id is a whole number from 1 to 4294967294.',
  ),
  strRoomIdIllegal: invalid(
    5012,
    -3318,
    'InvalidParameter.RoomId',
    'A string room id is 1 to 64 characters: only letters, digits, spaces and !#$%&()+-:;<=.>?@[]^_{}|~, are allowed.',
  ),

  // Entry: UserSig.
  userSigMissing: badUserSig(70002, 'The UserSig is empty.'),
  userSigMalformed: badUserSig(70003, 'The UserSig cannot be read as a ticket; it may have been cut off.'),
  userSigUnsafe: badUserSig(70005, 'The UserSig holds a user id with characters that are not allowed.'),
  userSigForged: badUserSig(70009, 'No active key of this application signed the UserSig.'),
  userSigWrongApplication: badUserSig(70014, 'The UserSig is for another application.'),
  userSigWrongUser: badUserSig(70013, 'The UserSig is for another user.'),
  userSigExpired: badUserSig(70001, 'The UserSig has expired; ask for a new one.'),
  userSigIssuedInFuture: badUserSig(
    70052,
    'The UserSig was signed with a time in the future; check the clock of the server that signed it.',
  ),
  userSigIsPrivateMapKey: badUserSig(70052, 'A PrivateMapKey was given as UserSig.'),

  // Entry: PrivateMapKey.
  privateMapKeyMissing: badKey(
    'This application enforces permission control, so entering needs a PrivateMapKey.',
  ),
  privateMapKeyMalformed: badKey('The PrivateMapKey cannot be read as a ticket; it may have been cut off.'),
  privateMapKeyUnsafe: badKey('The PrivateMapKey holds a user id with characters that are not allowed.'),
  privateMapKeyForged: badKey('No active key of this application signed the PrivateMapKey.'),
  privateMapKeyWrongApplication: badKey('The PrivateMapKey is for another application.'),
  privateMapKeyWrongUser: badKey('The PrivateMapKey is for another user.'),
  privateMapKeyWrongRoom: badKey(
    'The PrivateMapKey is for another room (numeric 123 and string "123" are two rooms).',
  ),
  privateMapKeyExpired: badKey('The PrivateMapKey has expired; ask for a new one.'),
  privateMapKeyIssuedInFuture: badKey(
    'The PrivateMapKey was signed with a time in the future; check the clock of the server that signed it.',
  ),
  privateMapKeyIsUserSig: badKey('A UserSig was given as PrivateMapKey.'),

  // Inside: the tickets of a member who is in.
  keyOlder: badKey('The new PrivateMapKey was signed before the one in use.'),
  keyCompromised: badUserSig(70052, 'The secret key that signed the tickets is compromised.'),

  userSigRevoked: badUserSig(70052, 'The UserSig was revoked; ask for a new one.'),
  privateMapKeyRevoked: badKey('The PrivateMapKey was revoked; ask for a new one.'),

  // Entry: bits and room.
  banned: denied(-102011, 'This user is banned from the room for some time.'),
  enterRoomDenied: denied(-102011, 'The PrivateMapKey does not allow entering (bit 2).'),
  createRoomDenied: denied(
    -102010,
    'The room does not exist yet, and the PrivateMapKey does not allow creating it (bit 1).',
  ),
  authBitsIllegal: invalid(
    5005,
    -3301,
    'InvalidParameter',
    'authBits must be a whole number from 0 to 255, or -1 for all.',
  ),
  authBitsBeyondHeld: denied(-100006, 'authBits asks for more than the PrivateMapKey allows.'),
  tooManyConnections: row(
    5400,
    -102052,
    -102052,
    10005,
    'LimitExceeded',
    503,
    'The server takes no more members at the moment.',
    { retry: true },
  ),
  roomFull: row(5400, -102052, -102052, 10005, 'LimitExceeded', 503, 'The room is full.', { retry: true }),
  tooManyRooms: row(
    5400,
    -102002,
    -102002,
    10005,
    'LimitExceeded',
    503,
    'The application has reached its limit of rooms.',
    { retry: true },
  ),
  userAlreadyInside: row(
    5400,
    -3340,
    -3340,
    1003,
    'FailedOperation',
    409,
    'This user is already in the room.',
  ),

  // Media: permission. The vendor has no number for a missing audio or receive-audio bit; -100006 says "permission".
  sendAudioDenied: denied(-100006, 'You may not send audio here.'),
  recvAudioDenied: denied(-100006, 'You may not receive audio here.'),
  sendVideoDenied: denied(-102013, 'You may not send video here.'),
  recvVideoDenied: denied(-102019, 'You may not receive video here.'),
  sendSubDenied: denied(-102015, 'You may not share a screen here.'),
  recvSubDenied: denied(-102019, 'You may not receive shared screens here.'),

  // Media: form.
  kindMismatch: badMedia('A codec of the track is not of the kind (audio or video) that the slot takes.'),
  rtpParametersInvalid: badMedia('The media engine does not accept these RTP parameters.'),
  codecUnsupported: badMedia('The client and the server have no codec in common.'),
  tooManyEncodings: badMedia('The track has more encodings than the slot takes.'),
  slotTaken: row(5100, 5104, -102016, 1003, 'FailedOperation', 409, 'This slot already has a track.'),
  bitrateExceeded: row(
    5500,
    5008,
    -3301,
    10005,
    'LimitExceeded',
    429,
    'The track was closed because its bitrate was above the limit of its slot.',
  ),
  keyFramesExceeded: row(
    5500,
    5008,
    -3301,
    10005,
    'LimitExceeded',
    429,
    'The track is no longer received because more than ten key frames were asked for in a second.',
  ),
  transportUnknown: row(
    5100,
    5101,
    -3301,
    1004,
    'ResourceNotFound',
    404,
    'This member has no transport with this id.',
  ),
  transportWrongDirection: row(
    5100,
    5104,
    -3301,
    1004,
    'InvalidParameter',
    400,
    'The transport is for the other direction.',
  ),
  trackUnknown: row(
    5100,
    5103,
    -3301,
    1401,
    'ResourceNotFound',
    404,
    'This member has no track with this id.',
  ),
  consumerUnknown: row(
    5100,
    5103,
    -3301,
    1401,
    'ResourceNotFound',
    404,
    'This member has no consumer with this id.',
  ),
  memberUnknown: row(
    5100,
    5102,
    -3301,
    1401,
    'FailedOperation.UserNotExist',
    404,
    'There is no member with this user id in the room.',
  ),
  rtpCapabilitiesMissing: row(
    5000,
    5001,
    -3301,
    1004,
    'MissingParameter',
    400,
    'Receiving needs rtpCapabilities; give them when you enter.',
  ),
  mediaUnavailable: row(
    5400,
    -3308,
    -3308,
    10001,
    'InternalError',
    503,
    'The media engine does not answer; try again in a moment.',
    { retry: true },
  ),

  // Records.
  journalUnavailable: row(
    5400,
    -3308,
    -3308,
    10001,
    'InternalError',
    503,
    'The journal cannot be written, and no permission is given without a record; try again in a moment.',
    { retry: true },
  ),

  // Administration.
  applicationExists: row(
    5400,
    -8,
    -3317,
    1003,
    'FailedOperation',
    409,
    'There is already an application with this SDKAppID.',
  ),
  keyUnknown: row(5400, -8, -3317, 1004, 'ResourceNotFound', 404, 'The application has no key with this id.'),
  roomUnknown: row(
    5400,
    -3318,
    -3318,
    1004,
    'FailedOperation.RoomNotExist',
    404,
    'This room does not exist now.',
  ),
  banUnknown: row(5400, -8, -3317, 1004, 'ResourceNotFound', 404, 'This user has no such ban.'),
  versionConflict: row(
    5400,
    -8,
    -3317,
    1004,
    'FailedOperation',
    409,
    'Somebody else has changed it meanwhile; look at the newest version and decide again.',
  ),
  settingInvalid: row(
    5000,
    5005,
    -3301,
    1004,
    'InvalidParameterValue',
    400,
    'The value does not fit the setting.',
  ),
} satisfies Record<string, ErrorRow>;

/** Our name of a refusal: distinct for every cause. */
export type ErrorName = keyof typeof errors;
