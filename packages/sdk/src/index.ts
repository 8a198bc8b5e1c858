/**
 * The browser SDK of Roomkey, with the shape of `trtc-sdk-v5`.
 *
 * @module
 */
import { setScriptUrl } from './script-origin.ts';
import { TRTC } from './trtc.ts';

export type {
  ChangeAuthorityOptions,
  CreateOptions,
  EnterRoomOptions,
  FillMode,
  LocalAudioOptions,
  LocalVideoOptions,
  QosPreference,
  ReconnectPolicy,
  RemoteVideoOptions,
  ScreenShareOptions,
  StopRemoteVideoOptions,
  SwitchRoleOptions,
  TrackChoice,
  VideoCodec,
  View,
} from './calls/options.ts';
export type {
  AudioProfileName,
  ScreenProfileName,
  VideoProfile,
  VideoProfileName,
} from './calls/profiles.ts';
export type { StreamType } from './calls/type.ts';
export { RtcError } from './errors/rtc-error.ts';
export type { Cause } from './errors/table.ts';
export type { ConnectionState, EventName, PublishState, Slot, TrtcEvents } from './events/events.ts';
export type { SupportResult } from './platform/support.ts';
export { DelayListPolicy } from './room/reconnect-policy.ts';
export type { Permissions } from './trtc.ts';

setScriptUrl(import.meta.url);

export { TRTC };
// biome-ignore lint/style/noDefaultExport: code written for the vendor's SDK says `import TRTC from`.
export default TRTC;
