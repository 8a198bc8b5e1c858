/** Everything that crosses a wire, declared once: ids, limits, errors, requests, notices. */
export {
  type AdminInput,
  type AdminMethod,
  type AdminParams,
  type AdminResult,
  type ApplicationView,
  adminMethods,
  type DayUsageView,
  type NewKey,
} from './admin.ts';
export { readBounded } from './bounded.ts';
export { type ErrorName, type ErrorRow, errors } from './errors.ts';
export {
  isRoomId,
  isStrRoomId,
  isUserId,
  MAX_ROOM_ID,
  type RoomRef,
  roomKey,
  roomRef,
} from './ids.ts';
export {
  type JournalDifference,
  type JournalEntry,
  type JournalFinding,
  type JournalKind,
  journalEntry,
  journalKinds,
} from './journal.ts';
export {
  decodeMessage,
  encodeError,
  encodeNotice,
  encodeRequest,
  encodeResult,
  type Message,
  UnreadableMessage,
} from './jsonrpc.ts';
export { type ClientLimits, closeCodes, limits } from './limits.ts';
export { type Notice, type NoticeName, type NoticeParams, notices } from './notices.ts';
export { type Params, type RequestName, type Result, requests } from './requests.ts';
export {
  type ConsumerOffer,
  type DtlsParameters,
  dtlsParameters,
  type IceParameters,
  type MediaKind,
  type RtpCapabilities,
  type RtpParameters,
  rtpCapabilities,
  rtpParameters,
  type TransportOffer,
} from './rtp.ts';
export { ServiceError } from './service-error.ts';
export {
  type ExplanationWire,
  type MemberWire,
  type RefusalData,
  type RemovalReason,
  type RemovalWire,
  role,
  scene,
  type TrackWire,
} from './shapes.ts';
