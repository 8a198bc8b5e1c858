import { isRoomId, isStrRoomId, isUserId } from '@roomkey/protocol';
import { parseAuthority } from '@roomkey/tickets/permissions';
import type {
  ChangeAuthorityOptions,
  EnterRoomOptions,
  LocalAudioOptions,
  LocalVideoOptions,
  RemoteVideoOptions,
  ScreenShareOptions,
  StopRemoteVideoOptions,
  SwitchRoleOptions,
} from './options.ts';
import {
  checkBoolean,
  checkChoice,
  checkKey,
  checkObject,
  checkProfile,
  checkStreamType,
  checkText,
  checkTrack,
  checkVolume,
  refuse,
} from './parameter-check.ts';
import { audioProfiles, screenProfiles, videoProfiles } from './profiles.ts';

/*
 * What each call can refuse without asking anybody. All of these throw an RtcError with one of the causes
 * `parameter…`, `streamTypeMissing`, `roomId…`, `strRoomId…`, `userIdIllegal`.
 */

const fillModes = ['contain', 'cover', 'fill'];
const qosPreferences = ['smooth', 'clear'];
const codecs = ['VP8', 'VP9', 'H264'];

export function checkEnterRoom(options: EnterRoomOptions): void {
  checkObject(options, 'enterRoom’s parameter');
  const { sdkAppId, userId, userSig, privateMapKey, authBits } = options;
  if (sdkAppId === undefined || sdkAppId === null) refuse('parameterMissing', 'sdkAppId is needed.');
  if (!Number.isInteger(sdkAppId)) refuse('parameterType', 'sdkAppId must be a whole number.');
  checkText(userId, 'userId');
  if (!isUserId(userId)) refuse('userIdIllegal', 'userId must be 1 to 32 letters, digits, "_" and "-".');
  checkText(userSig, 'userSig');
  checkRoom(options);
  checkChoice(options.scene, ['rtc', 'live'], 'scene');
  checkChoice(options.role, ['anchor', 'audience'], 'role');
  if (privateMapKey !== undefined && typeof privateMapKey !== 'string') {
    refuse('parameterType', 'privateMapKey must be a string.');
  }
  if (authBits !== undefined) checkBits(authBits, 'authBits');
}

export function checkSwitchRole(role: unknown, options: SwitchRoleOptions): void {
  if (role === undefined) refuse('parameterMissing', 'role is needed: "anchor" or "audience".');
  checkChoice(role, ['anchor', 'audience'], 'role');
  checkObject(options, 'The second parameter');
  checkKey(options.privateMapKey);
  const { latencyLevel } = options;
  if (latencyLevel !== undefined && typeof latencyLevel !== 'number') {
    refuse('parameterType', 'latencyLevel must be a number.');
  }
}

export function checkChangeAuthority(bits: unknown, options: ChangeAuthorityOptions): void {
  checkBits(bits, 'The permission bits');
  checkObject(options, 'The second parameter');
  checkKey(options.privateMapKey);
}

function checkBits(bits: unknown, name: string): void {
  if (typeof bits !== 'number' && typeof bits !== 'bigint') {
    refuse('parameterType', `${name} must be a number or a bigint.`);
  }
  try {
    parseAuthority(bits);
  } catch {
    refuse('authBitsIllegal', `${name} must be a whole number from 0 to 255, or -1 for all.`);
  }
}

function checkRoom({ roomId, strRoomId }: EnterRoomOptions): void {
  // 0 counts as not given beside a text, as in the vendor's native SDKs.
  if (roomId !== undefined && roomId !== null && !(roomId === 0 && strRoomId)) {
    if (typeof roomId !== 'number')
      refuse('roomIdNotANumber', 'roomId must be a number; use strRoomId for texts.');
    if (!isRoomId(roomId)) refuse('roomIdIllegal', 'roomId must be a whole number from 1 to 4294967294.');
    return;
  }
  if (strRoomId === undefined || strRoomId === null || strRoomId === '') {
    refuse('roomIdMissing', 'roomId or strRoomId is needed.');
  }
  if (typeof strRoomId !== 'string') refuse('parameterType', 'strRoomId must be a string.');
  if (!isStrRoomId(strRoomId)) {
    refuse(
      'strRoomIdIllegal',
      'strRoomId must be 1 to 64 letters, digits, spaces and !#$%&()+-:;<=.>?@[]^_{}|~, characters.',
    );
  }
}

export function checkLocalAudio(options: LocalAudioOptions): void {
  checkObject(options, 'The parameter');
  const { publish, mute, option } = options;
  if (publish !== undefined) checkBoolean(publish, 'publish');
  checkChoice(mute, [true, false, 'microphone'], 'mute');
  checkTrack(option?.audioTrack, 'audio', 'option.audioTrack');
  checkChoice(option?.profile, Object.keys(audioProfiles), 'option.profile');
}

export function checkLocalVideo(options: LocalVideoOptions): void {
  checkObject(options, 'The parameter');
  const { publish, mute, option } = options;
  if (publish !== undefined) checkBoolean(publish, 'publish');
  if (mute !== undefined) checkBoolean(mute, 'mute');
  checkTrack(option?.videoTrack, 'video', 'option.videoTrack');
  checkProfile(option?.profile, videoProfiles);
  checkChoice(option?.fillMode, fillModes, 'option.fillMode');
  checkChoice(option?.mirror, [true, false, 'view'], 'option.mirror');
  checkChoice(option?.qosPreference, qosPreferences, 'option.qosPreference');
  checkChoice(option?.codec, codecs, 'option.codec');
}

export function checkScreenShare(options: ScreenShareOptions): void {
  checkObject(options, 'The parameter');
  const { publish, muteSystemAudio, option } = options;
  if (publish !== undefined) checkBoolean(publish, 'publish');
  if (muteSystemAudio !== undefined) checkBoolean(muteSystemAudio, 'muteSystemAudio');
  checkTrack(option?.videoTrack, 'video', 'option.videoTrack');
  checkTrack(option?.audioTrack, 'audio', 'option.audioTrack');
  checkProfile(option?.profile, screenProfiles);
  checkChoice(option?.fillMode, fillModes, 'option.fillMode');
  checkChoice(option?.qosPreference, qosPreferences, 'option.qosPreference');
  checkChoice(option?.codec, codecs, 'option.codec');
}

export function checkRemoteVideo(options: RemoteVideoOptions): void {
  checkObject(options, 'The parameter');
  checkText(options.userId, 'userId');
  checkStreamType(options.streamType);
  checkChoice(options.option?.fillMode, fillModes, 'option.fillMode');
}

export function checkStopRemoteVideo(options: StopRemoteVideoOptions): void {
  checkObject(options, 'The parameter');
  checkText(options.userId, 'userId');
  if (options.userId !== '*') checkStreamType(options.streamType);
}

export function checkMuteRemoteAudio(userId: string, mute: boolean): void {
  checkText(userId, 'userId');
  checkBoolean(mute, 'mute');
}

export function checkRemoteAudioVolume(userId: string, volume: number): void {
  checkText(userId, 'userId');
  checkVolume(volume);
}
