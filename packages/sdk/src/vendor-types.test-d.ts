/*
 * Compiled, never run: code written for the vendor's declarations goes on compiling. Its enumerations are
 * names for the strings that are used here, and `Spelled` reads them so.
 */

import type * as Vendor from 'trtc-sdk-v5';
import type VendorTRTC from 'trtc-sdk-v5';
import type { EventName, TrtcEvents } from './index.ts';
import { type RtcError, TRTC } from './index.ts';

/** A vendor type with the values of its enumerations in the place of their names. */
type Spelled<T> = T extends string
  ? `${T}`
  : T extends number | boolean | ((...args: never[]) => unknown) | MediaStreamTrack
    ? T
    : { [K in keyof T]: Spelled<T[K]> };

type Shared<T, U> = keyof T & keyof U;

declare const ours: TRTC;

/** An object of ours, where one of the vendor's is asked for. */
export const vendor: Pick<VendorTRTC, keyof TRTC & keyof VendorTRTC> = ours;

type VendorStatics = Omit<typeof VendorTRTC, 'prototype' | 'create' | 'EVENT' | 'TYPE'>;
/** The class, likewise; `create` makes ours, not the vendor's. */
export const vendorStatics: Pick<VendorStatics, Shared<typeof TRTC, VendorStatics>> = TRTC;
export const vendorCreate: (...options: Parameters<typeof VendorTRTC.create>) => TRTC = TRTC.create;

type VendorEvent = typeof Vendor.TRTCEvent;
type VendorType = typeof Vendor.TRTCType;
/** The constants have the vendor's names and values. */
export const vendorEvents: Spelled<Pick<VendorEvent, Shared<typeof TRTC.EVENT, VendorEvent>>> = TRTC.EVENT;
export const vendorTypes: Spelled<Pick<VendorType, keyof typeof TRTC.TYPE>> = TRTC.TYPE;

/** What an event of ours carries, a handler written for the vendor's can read. */
type VendorPayloads = { [E in EventName & keyof Vendor.TRTCEventTypes]: Spelled<Vendor.TRTCEventTypes[E]> };
declare const payloads: Omit<TrtcEvents, 'error' | 'publish-state-changed'>;
export const vendorPayloads: Omit<VendorPayloads, 'error' | 'publish-state-changed'> = payloads;

declare const error: RtcError;
export const vendorError: Omit<Vendor.RtcError, 'originError'> = error;

type VendorPublish = Spelled<Omit<Vendor.TRTCEventTypes['publish-state-changed'][0], 'error'>>;
declare const publish: TrtcEvents['publish-state-changed'][0];
export const vendorPublish: VendorPublish = publish;

/** The vendor's own example, with its own constants. */
export async function example(vendorType: VendorType, view: HTMLElement): Promise<void> {
  const trtc = TRTC.create({ enableAutoPlayDialog: false });
  trtc
    .on(TRTC.EVENT.REMOTE_VIDEO_AVAILABLE, ({ userId, streamType }) => {
      trtc.startRemoteVideo({ userId, streamType, view: `${userId}_${streamType}` });
    })
    .on(TRTC.EVENT.ERROR, ({ code, extraCode }) => [code, extraCode]);
  await trtc.enterRoom({
    sdkAppId: 1,
    userId: 'u',
    userSig: '',
    roomId: 1,
    scene: vendorType.SCENE_LIVE,
    role: vendorType.ROLE_ANCHOR,
  });
  await trtc.startLocalVideo({ view, option: { profile: '720p', mirror: false } });
  await trtc.startLocalAudio({ option: { profile: vendorType.AUDIO_PROFILE_HIGH } });
  await trtc.switchRole(vendorType.ROLE_AUDIENCE);
  await trtc.switchRole(vendorType.ROLE_ANCHOR, { privateMapKey: '', latencyLevel: 1 });
  await trtc.exitRoom();
  trtc.off('*');
  trtc.destroy();
}

// @ts-expect-error: a name that is never raised
ours.on('no-such-event', () => {});
// @ts-expect-error: a handler for something else
ours.on('remote-user-enter', (payload: number) => payload);
