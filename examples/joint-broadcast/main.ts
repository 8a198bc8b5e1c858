import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signEntry } from '../wire-client/app-server.ts';
import type { WireClient } from '../wire-client/client.ts';
import {
  guestBits,
  joinBroadcast,
  quitBroadcast,
  startBroadcast,
  viewerBits,
  watchBroadcast,
} from './joint-broadcast.ts';

const help = `Plays a joint broadcast: a viewer joins it and quits again. Prints who receives what after each step.

  ROOMKEY_SECRET_KEY=… node --import tsx examples/joint-broadcast/main.ts --sdk-app-id N [--room NAME] [--url URL]
`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'ws://127.0.0.1:8080/rtc' },
    'sdk-app-id': { type: 'string', default: '' },
    room: { type: 'string', default: 'joint-broadcast' },
  },
});

/** What belongs on the customer's own server: who is let in with which bits is its decision, each time anew. */
function ticketsFor(userId: string, permissions: number) {
  const { ROOMKEY_SECRET_KEY: secretKey = '' } = process.env;
  const room = { strRoomId: values.room };
  return signEntry({ sdkAppId: Number(values['sdk-app-id']), secretKey, userId, room, permissions });
}

const keyFor = (userId: string, permissions: number) => ticketsFor(userId, permissions).privateMapKey ?? '';

async function show(step: string, broadcaster: WireClient, viewer: WireClient): Promise<void> {
  await sleep(1000);
  const received = ({ receiving }: WireClient) =>
    receiving.consumers.map(({ slot }) => slot).join(', ') || 'nothing';
  console.log(`${step} (bits ${viewer.effective})`);
  console.log(`  the viewer receives ${received(viewer)}`);
  console.log(`  the broadcaster receives ${received(broadcaster)}`);
}

if (!values['sdk-app-id'] || !process.env['ROOMKEY_SECRET_KEY']) {
  console.error(help);
  process.exit(1);
}
const broadcaster = await startBroadcast(values.url, ticketsFor('broadcaster', 255));
const viewer = await watchBroadcast(values.url, ticketsFor('viewer', viewerBits));
await show('the viewer has entered', broadcaster, viewer);
await joinBroadcast(viewer, keyFor('viewer', guestBits));
await show('the viewer has joined the broadcast', broadcaster, viewer);
await quitBroadcast(viewer, keyFor('viewer', viewerBits));
await show('the viewer has quit the broadcast', broadcaster, viewer);
await Promise.all([viewer.leave(), broadcaster.leave()]);
