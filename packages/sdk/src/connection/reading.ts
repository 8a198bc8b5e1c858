/** What one incoming picture has done so far. */
export interface PictureReading {
  /** Of the track that shows it. */
  readonly trackId: string;
  readonly packets: number;
  /** Decoded frames. */
  readonly frames: number;
}

/** What a transport has done so far, as far as the browser counts it. */
export interface Reading {
  /** ICE checks that were sent, and those that were answered. */
  readonly asked: number;
  readonly answered: number;
  /** Packets that came, checks apart. */
  readonly packets: number;
  readonly pictures: readonly PictureReading[];
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Reads what the browser counts; what it does not count is 0. */
export function read(report: Pick<RTCStatsReport, 'forEach'>): Reading {
  let asked = 0;
  let answered = 0;
  let packets = 0;
  const pictures: PictureReading[] = [];
  report.forEach((entry: Readonly<Record<string, unknown>>) => {
    if (entry['type'] === 'candidate-pair') {
      asked += count(entry['requestsSent']);
      answered += count(entry['responsesReceived']);
      packets += count(entry['packetsReceived']);
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      const trackId = String(entry['trackIdentifier']);
      const { packetsReceived, framesDecoded } = entry;
      pictures.push({ trackId, packets: count(packetsReceived), frames: count(framesDecoded) });
    }
  });
  return { asked, answered, packets, pictures };
}
