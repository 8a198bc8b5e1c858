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

  /**
   * Takes an offer and answers it; undefined once the connection is closed, which the other side can do at any moment.
   */
  answer(offer: string): string | undefined {
    this.connection.setRemoteDescription(offer, 'offer');
    // A closed connection takes no offer, says nothing, and ends the process when it is then told to answer.
    return this.connection.signalingState() === 'have-remote-offer' ? this.describe('answer') : undefined;
  }

  close(): void {
    for (const track of this.#tracks) track.close();
    this.connection.close();
  }
}
