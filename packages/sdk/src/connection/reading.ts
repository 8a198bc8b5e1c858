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

/** What the path of a transport has carried so far. Another pair of addresses has other numbers, which may be smaller. */
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

type Entry = Readonly<Record<string, unknown>>;

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/**
 * The pairs of addresses that tell of the path: the chosen one; without it those that were chosen once; else all.
 *
 * A browser goes on asking pairs that lead nowhere, for example from a second network, and asks the chosen one only now and then.
 */
function telling(pairs: readonly Entry[], transports: readonly Entry[]): readonly Entry[] {
  const chosen = pairs.filter(({ id }) =>
    transports.some(({ selectedCandidatePairId }) => selectedCandidatePairId === id),
  );
  if (chosen.length > 0) return chosen;
  const nominated = pairs.filter((pair) => pair['nominated'] === true);
  return nominated.length > 0 ? nominated : pairs;
}

/** Reads what the browser counts; what it does not count is 0. */
export function read(report: Pick<RTCStatsReport, 'forEach'>): Reading {
  const pairs: Entry[] = [];
  const transports: Entry[] = [];
  const pictures: PictureReading[] = [];
  const sounds: SoundReading[] = [];
  report.forEach((entry: Entry) => {
    if (entry['type'] === 'candidate-pair') pairs.push(entry);
    else if (entry['type'] === 'transport') transports.push(entry);
    else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      const trackId = String(entry['trackIdentifier']);
      const { packetsReceived, framesDecoded } = entry;
      pictures.push({ trackId, packets: count(packetsReceived), frames: count(framesDecoded) });
    } else if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio') {
      const trackId = String(entry['trackIdentifier']);
      const { packetsDiscarded, nackCount } = entry;
      sounds.push({ trackId, late: count(packetsDiscarded), asked: count(nackCount) });
    }
  });
  const told = telling(pairs, transports);
  const sum = (name: string) => told.reduce((total, pair) => total + count(pair[name]), 0);
  const path = {
    asked: sum('requestsSent'),
    answered: sum('responsesReceived'),
    packets: sum('packetsReceived'),
  };
  return { ...path, pictures, sounds };
}
