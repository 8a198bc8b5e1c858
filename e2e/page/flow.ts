/** What one RTP stream of this page has done so far. */
export interface StreamCount {
  readonly ssrc: number;
  readonly kind: string;
  readonly mid: string;
  readonly rid: string;
  readonly direction: 'in' | 'out';
  readonly packets: number;
  /** Decoded frames of an incoming picture. */
  readonly frames: number;
  readonly frameWidth: number;
  /** Energy of an incoming sound. */
  readonly energy: number;
  /** Packets of an incoming stream that never came. */
  readonly lost: number;
  /** Received after they were sent again: they count as lost no more. */
  readonly resent: number;
  /** Samples of an incoming sound, and those among them that the receiver made up because none had come. */
  readonly samples: number;
  readonly concealed: number;
  readonly codec: string;
}

const connections: RTCPeerConnection[] = [];
const Original = window.RTCPeerConnection;

/** Keeps every peer connection that the page makes, so that its streams can be counted. */
window.RTCPeerConnection = class extends Original {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.push(this);
  }
};

/** The stream on which the media engine probes the link; it carries no media. */
const PROBATION_SSRC = 1234;

/** Counts every RTP stream of the page; RTX is not among them. */
export async function streams(): Promise<StreamCount[]> {
  const counts: StreamCount[] = [];
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue;
    const report = await connection.getStats();
    report.forEach((entry) => {
      if (entry.type !== 'inbound-rtp' && entry.type !== 'outbound-rtp') return;
      if (entry.ssrc === PROBATION_SSRC) return;
      const incoming = entry.type === 'inbound-rtp';
      counts.push({
        ssrc: entry.ssrc,
        kind: entry.kind,
        mid: entry.mid ?? '',
        rid: entry.rid ?? '',
        direction: incoming ? 'in' : 'out',
        packets: (incoming ? entry.packetsReceived : entry.packetsSent) ?? 0,
        frames: entry.framesDecoded ?? 0,
        frameWidth: entry.frameWidth ?? 0,
        energy: entry.totalAudioEnergy ?? 0,
        lost: entry.packetsLost ?? 0,
        resent: entry.retransmittedPacketsReceived ?? 0,
        samples: entry.totalSamplesReceived ?? 0,
        concealed: entry.concealedSamples ?? 0,
        codec: report.get(entry.codecId)?.mimeType ?? '',
      });
    });
  }
  return counts;
}

/** Peer connections that are not closed. */
export const openConnections = (): number =>
  connections.filter(({ connectionState }) => connectionState !== 'closed').length;

/** The server's ICE user fragments that the page's connections use now. */
export const remoteIceFragments = (): string[] =>
  connections
    .filter(({ connectionState }) => connectionState !== 'closed')
    .flatMap(({ remoteDescription }) => remoteDescription?.sdp.match(/(?<=a=ice-ufrag:)\S+/g) ?? []);

/** A sound that never falls silent, as Chromium's fake microphone does between its beeps. */
export function tone(): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = context.createOscillator();
  const destination = context.createMediaStreamDestination();
  oscillator.connect(destination);
  oscillator.start();
  void context.resume();
  const [track] = destination.stream.getAudioTracks();
  if (!track) throw new Error('the oscillator has no track');
  return track;
}

/** A picture of a given size that changes enough to need many packets a second. */
export function picture(width = 640, height = 360): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the canvas has no context');
  let at = 0;
  setInterval(() => {
    at++;
    context.fillStyle = `hsl(${at % 360} 60% 40%)`;
    context.fillRect(0, 0, width, height);
    for (let i = 0; i < 16; i++) {
      context.fillStyle = `hsl(${Math.random() * 360} 80% 60%)`;
      context.fillRect(Math.random() * width, Math.random() * height, width / 16, height / 16);
    }
  }, 40);
  const [track] = canvas.captureStream(25).getVideoTracks();
  if (!track) throw new Error('the canvas has no track');
  return track;
}
