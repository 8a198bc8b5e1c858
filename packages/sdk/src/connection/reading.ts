/** What one incoming picture has done so far. */
export interface PictureReading {
  /** Of the track that shows it. */
  readonly trackId: string;
  readonly packets: number;
  /** Decoded frames. */
  readonly frames: number;
}

/** What one incoming sound has done so far. */
export interface SoundReading {
  /** Of the track that plays it. */
  readonly trackId: string;
  /** Packets that came after the moment at which they were to be heard. */
  readonly late: number;
  /** Requests to send packets again. */
  readonly asked: number;
}

/** What the path of a transport has carried so far. */
export interface PathReading {
  /** ICE checks that were sent, and those that were answered. */
  readonly asked: number;
  readonly answered: number;
  /** Packets that came, checks apart. */
  readonly packets: number;
}

/** What a transport has done so far, as far as the browser counts it. */
export interface Reading extends PathReading {
  readonly pictures: readonly PictureReading[];
  readonly sounds: readonly SoundReading[];
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Reads what the browser counts; what it does not count is 0. */
export function read(report: Pick<RTCStatsReport, 'forEach'>): Reading {
  let asked = 0;
  let answered = 0;
  let packets = 0;
  const pictures: PictureReading[] = [];
  const sounds: SoundReading[] = [];
  report.forEach((entry: Readonly<Record<string, unknown>>) => {
    if (entry['type'] === 'candidate-pair') {
      asked += count(entry['requestsSent']);
      answered += count(entry['responsesReceived']);
      packets += count(entry['packetsReceived']);
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      const trackId = String(entry['trackIdentifier']);
      const { packetsReceived, framesDecoded } = entry;
      pictures.push({ trackId, packets: count(packetsReceived), frames: count(framesDecoded) });
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      const trackId = String(entry['trackIdentifier']);
      const { packetsDiscarded, nackCount } = entry;
      sounds.push({ trackId, late: count(packetsDiscarded), asked: count(nackCount) });
    }
  });
  return { asked, answered, packets, pictures, sounds };
}
