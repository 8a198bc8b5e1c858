/** Sends plain RTP to the engine, in a process of its own. */
import { createSocket } from 'node:dgram';
import type { MediaKind } from '@roomkey/protocol';
import { answerParent } from '../child.ts';
import { Pacer, rtpPacket } from './stream.ts';

interface PlainSending {
  readonly port: number;
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly perSecond: number;
}

const socket = createSocket('udp4');
/** By port. A stream that goes on after a pause goes on with its numbers. */
const pacers = new Map<number, Pacer>();
const sequences = new Map<number, number>();

const methods = {
  send({ port, perSecond, ...stream }: PlainSending): void {
    const address = sourceAddress;
    pacers.get(port)?.stop();
    const send = () => {
      const sequence = (sequences.get(port) ?? 0) + 1;
      sequences.set(port, sequence);
      socket.send(rtpPacket(stream, sequence), port, address);
    };
    pacers.set(port, new Pacer(perSecond, send));
  },

  stop({ port }: { port: number }): void {
    pacers.get(port)?.stop();
    pacers.delete(port);
  },
};

/** Where plain RTP is sent to: packets there are in no capture. */
const sourceAddress = '127.0.0.2';

export type SourceMethods = typeof methods;

answerParent(methods);
