import { expect, onTestFinished, test } from 'vitest';
import { bindingRequest, framed, iceOverTcp } from './ice-tcp.fixture.ts';
import { hear, second, start, until } from './plane.fixture.ts';

/** A room that peers come to over TCP. All send thousands of ICE checks all the time. */
async function room() {
  const plane = await start();
  const heard = hear(plane);
  const place = plane.place('room');
  const come = async (transportId: string, how: 'reads' | 'does not read') => {
    const offer = await plane.openTransport({
      kind: 'webrtc',
      place,
      room: 'room',
      transportId,
      direction: 'recv',
    });
    const socket = await iceOverTcp(offer, offer.iceParameters);
    const checks = Buffer.concat(Array<Buffer>(200).fill(framed(bindingRequest(offer.iceParameters))));
    const timer = setInterval(() => socket.write(checks), 100);
    onTestFinished(() => clearInterval(timer));
    socket.on('error', () => {});
    if (how === 'reads') socket.resume();
    else socket.pause();
    return socket;
  };
  return { plane, heard, come };
}

test('a peer on TCP who does not read is lost, although its checks come, and one who reads stays', async () => {
  const { heard, come } = await room();
  await come('honest', 'reads');
  await come('eve', 'does not read');
  await until(() => heard.transportLost.length > 0, 40_000);
  expect(heard.transportLost).toEqual(['eve']);
}, 60_000);

test('an address whose peers leave four connections unread can come over TCP again when these are gone', async () => {
  const { plane, heard, come } = await room();
  const eves = ['eve 1', 'eve 2', 'eve 3', 'eve 4'];
  const sockets = await Promise.all(eves.map((eve) => come(eve, 'does not read')));
  await until(() => heard.transportLost.length === eves.length, 40_000);
  for (const eve of eves) plane.closeTransport(eve);
  await come('eve 5', 'reads');
  await until(() => heard.transportLost.includes('eve 5'), 500);
  for (const socket of sockets) socket.destroy();
  await until(async () => {
    const before = heard.transportLost.length;
    const transportId = `eve ${performance.now()}`;
    (await come(transportId, 'reads')).destroy();
    await second();
    return heard.transportLost.length === before;
  });
}, 60_000);
