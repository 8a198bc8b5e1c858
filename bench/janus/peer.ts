import datachannel, { type PeerConnection } from 'node-datachannel';

export const newPeer = (): PeerConnection =>
  new datachannel.PeerConnection('bench', { iceServers: [], disableAutoNegotiation: true });

/** The local description with all its candidates. */
export async function gathered(peer: PeerConnection): Promise<string> {
  if (peer.gatheringState() !== 'complete') {
    await new Promise<void>((resolve) => {
      peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
  }
  return peer.localDescription()?.sdp ?? '';
}

/** Resolves when media can flow to and from a peer. @throws when it cannot connect */
export function connected(peer: PeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (state: string) => {
      if (state === 'connected') resolve();
      if (state === 'failed') reject(new Error('a peer could not connect'));
    };
    peer.onStateChange(look);
    look(peer.state());
  });
}
