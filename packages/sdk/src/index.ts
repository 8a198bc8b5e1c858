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
  RemoteVideoOptions,
  ScreenShareOptions,
  StopRemoteVideoOptions,
  SwitchRoleOptions,
  TrackChoice,
  VideoCodec,
  View,
} from './call-options.ts';
export type { Cause } from './error-table.ts';
export type { ConnectionState, EventName, PublishState, Slot, TrtcEvents } from './events.ts';
export type { AudioProfileName, ScreenProfileName, VideoProfile, VideoProfileName } from './profiles.ts';
export { DelayListPolicy, type ReconnectPolicy } from './reconnect-policy.ts';
export { RtcError } from './rtc-error.ts';
export type { SupportResult } from './support.ts';
export type { Permissions } from './trtc.ts';
export type { StreamType } from './trtc-type.ts';

setScriptUrl(import.meta.url);

export { TRTC };
// biome-ignore lint/style/noDefaultExport: code written for the vendor's SDK says `import TRTC from`.
export default TRTC;
