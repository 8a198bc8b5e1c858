import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import type { IceParameters, TransportOffer } from '@roomkey/protocol';
import { expect, onTestFinished } from 'vitest';

/** A client's connection over TCP, which has passed an ICE check and was nominated. */
export async function iceOverTcp({ iceCandidates }: TransportOffer, ice: IceParameters): Promise<Socket> {
  const candidate = iceCandidates.find(({ protocol }) => protocol === 'tcp');
  const socket = connect(candidate?.port ?? 0, candidate?.ip);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const answered = once(socket, 'data');
  socket.write(framed(bindingRequest(ice)));
  const [answer] = (await answered) as [Buffer];
  expect(answer.readUInt16BE(2)).toBe(0x0101);
  return socket;
}

/** RFC 4571: the length goes before. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** An ICE check (RFC 8445) of a controlling client that nominates. */
export function bindingRequest({ usernameFragment, password }: IceParameters): Buffer {
  const attributes = [
    attribute(0x0006, Buffer.from(`${usernameFragment}:client`)),
    attribute(0x0024, Buffer.from([0x6e, 0x7f, 0x1e, 0xff])),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ];
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(header, 8);
  const withLength = (added: number) => {
    const message = Buffer.concat([header, ...attributes]);
    message.writeUInt16BE(message.length - 20 + added, 2);
    return message;
  };
  attributes.push(attribute(0x0008, createHmac('sha1', password).update(withLength(24)).digest()));
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(withLength(8)) ^ 0x5354554e) >>> 0);
  attributes.push(attribute(0x8028, fingerprint));
  return withLength(0);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}
