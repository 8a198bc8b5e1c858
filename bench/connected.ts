import { setTimeout as sleep } from 'node:timers/promises';
import type { RtpPeer } from '@roomkey/testkit/rtp';

/** Resolves when media can flow to and from a peer. @throws when it cannot connect */
export async function connected(peer: RtpPeer): Promise<void> {
  while (peer.state !== 'connected') {
    if (peer.state === 'failed') throw new Error('a peer could not connect');
    await sleep(5);
  }
}
