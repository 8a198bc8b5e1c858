import datachannel, { type PeerConnection, type Track } from 'node-datachannel';

const ignore = () => {};

/** A peer connection that negotiates when it is told to, with the tracks on it; closing it lets go of all of them. */
export class Peer {
  readonly connection: PeerConnection;
  readonly #tracks: Track[] = [];

  constructor(name: string) {
    this.connection = new datachannel.PeerConnection(name, { iceServers: [], disableAutoNegotiation: true });
    // Without a listener for its end, node-datachannel keeps the process alive.
    this.connection.onStateChange(ignore);
  }

  /** Keeps a track: one that nothing refers to is garbage, and its packets with it. */
  keep(track: Track): Track {
    track.onClosed(ignore);
    this.#tracks.push(track);
    return track;
  }

  /** The description of this side, made now. */
  describe(type: 'offer' | 'answer'): string {
    this.connection.setLocalDescription(type);
    const description = this.connection.localDescription();
    if (!description) throw new Error('There is no local description.');
    return description.sdp;
  }

  close(): void {
    for (const track of this.#tracks) track.close();
    this.connection.close();
  }
}
