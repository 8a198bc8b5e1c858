import {
  AUTH_BITS_DEFAULT,
  AUTH_BITS_JOIN_ROOM,
  AUTH_BITS_RECV_AUDIO,
  AUTH_BITS_RECV_SUB,
  AUTH_BITS_RECV_VIDEO,
  AUTH_BITS_SEND_AUDIO,
  AUTH_BITS_SEND_SUB,
  AUTH_BITS_SEND_VIDEO,
} from '@roomkey/tickets';
import { WireClient } from '../wire-client/client.ts';
import type { Entry } from '../wire-client/messages.ts';

/** Enters and receives: a viewer, before and after a joint broadcast. */
export const viewerBits =
  AUTH_BITS_JOIN_ROOM | AUTH_BITS_RECV_AUDIO | AUTH_BITS_RECV_VIDEO | AUTH_BITS_RECV_SUB;

/** Sends as well: a viewer who has joined the broadcast. */
export const guestBits = viewerBits | AUTH_BITS_SEND_AUDIO | AUTH_BITS_SEND_VIDEO | AUTH_BITS_SEND_SUB;

/** Enters with all that the key holds, and sends. */
export async function startBroadcast(url: string, entry: Entry): Promise<WireClient> {
  const all = { scene: 'live', role: 'anchor', authBits: AUTH_BITS_DEFAULT } as const;
  const broadcaster = await WireClient.enter(url, { ...entry, ...all });
  await broadcaster.publishSilence();
  await broadcaster.publishPicture();
  return broadcaster;
}

/** Enters to watch: unseen by the others, and unable to send. */
export function watchBroadcast(url: string, entry: Entry): Promise<WireClient> {
  return WireClient.enter(url, { ...entry, scene: 'live', role: 'audience', authBits: viewerBits });
}

/** Permissions first, and microphone and camera only when the server has agreed. */
export async function joinBroadcast(viewer: WireClient, privateMapKey: string): Promise<void> {
  await viewer.changeAuthority(guestBits, privateMapKey);
  await viewer.publishSilence();
  await viewer.publishPicture();
}

/** Microphone and camera first, then the permissions. */
export async function quitBroadcast(guest: WireClient, privateMapKey: string): Promise<void> {
  await guest.sending.unpublish('microphone');
  await guest.sending.unpublish('camera');
  await guest.changeAuthority(viewerBits, privateMapKey);
}
