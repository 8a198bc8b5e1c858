import { createSocket, type Socket } from 'node:dgram';
import { Tcpdump, WebSocketStream } from '@roomkey/testkit/capture';
import { cable } from './cable.ts';
import { SentPackets } from './sent-packets.ts';

/** The ports that tell packets apart. */
export const ports = { media: 41_000, marks: 41_001, subject: 41_002 } as const;

/** Marks from here on are the recording's own. */
const ownMarks = 0x8000_0000;

/**
 * What one capture at the server's end of the cable says, all of it with the time at which it passed there, in milliseconds. What
 * leaves is seen by the very call that sends it, so that the order of packets and answers is the true one.
 */
export class Recording {
  /** RTP packets that the server sent. */
  readonly sent = new SentPackets();
  /** RTP packets that the server was sent, by SSRC. */
  readonly received = new Map<number, number[]>();
  /** When the subject's requests had come as a whole, by id. */
  readonly requests = new Map<number, number>();
  /** When the first segments of their answers left, by id. */
  readonly answers = new Map<number, number>();
  readonly marks = new Map<number, number>();
  readonly #socket: Socket;
  #tcpdump: Tcpdump | undefined;
  #ownMark = ownMarks;
  #marked: (mark: number) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Begins the capture; the subject connects later, so that its connection is seen from the first byte. */
  static async start(): Promise<Recording> {
    const recording = new Recording(createSocket('udp4'));
    const asked = new WebSocketStream(({ text, endedAt }) => note(recording.requests, idOf(text), endedAt));
    const told = new WebSocketStream(({ text, beganAt }) => note(recording.answers, idOf(text), beganAt));
    const { media, marks, subject } = ports;
    const filter = `udp port ${media} or udp dst port ${marks} or tcp port ${subject}`;
    recording.#tcpdump = await Tcpdump.start({ on: cable.interface, filter }, (packet, at) => {
      const { protocol, sourcePort, targetPort, sequence, payload } = packet;
      if (protocol === 'tcp') (sourcePort === subject ? asked : told).segment(sequence, payload, at);
      else if (targetPort === marks) recording.#heardMark(payload.readUInt32BE(0), at);
      else if (isRtp(payload)) {
        const ssrc = payload.readUInt32BE(8);
        if (sourcePort === media) recording.sent.add(targetPort, ssrc, at);
        else add(recording.received, ssrc, at);
      }
    });
    return recording;
  }

  /** Resolves when everything that was on the wire by now has been read. */
  async complete(): Promise<void> {
    const mark = ++this.#ownMark;
    const packet = Buffer.alloc(4);
    packet.writeUInt32BE(mark);
    const seen = new Promise<void>((resolve) => {
      this.#marked = (heard) => {
        if (heard === mark) resolve();
      };
    });
    this.#socket.send(packet, ports.marks, cable.nobody);
    await seen;
  }

  /** Begins anew; what was heard before is over. */
  forget(): void {
    for (const map of [this.sent, this.received, this.requests, this.answers, this.marks]) map.clear();
  }

  /** @throws when packets are missing in the capture */
  async stop(): Promise<void> {
    await this.#tcpdump?.stop();
    this.#socket.close();
  }

  #heardMark(mark: number, at: number): void {
    this.marks.set(mark, at);
    this.#marked(mark);
  }
}

function note(times: Map<number, number>, id: number | undefined, at: number): void {
  if (id !== undefined) times.set(id, at);
}

/** The id of a request or an answer; a notice has none. */
function idOf(text: string): number | undefined {
  const { id } = JSON.parse(text) as { id?: number };
  return id;
}

/** RTCP comes the same way (RFC 5761), and so do STUN and DTLS. The header of SRTP is in clear. */
const isRtp = (payload: Buffer): boolean => {
  const [first = 0, second = 0] = payload;
  return payload.length >= 12 && first >> 6 === 2 && !(second >= 192 && second <= 223);
};

function add(times: Map<number, number[]>, ssrc: number, at: number): void {
  const known = times.get(ssrc);
  if (known) known.push(at);
  else times.set(ssrc, [at]);
}
