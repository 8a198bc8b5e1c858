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

  node --import tsx examples/joint-broadcast/main.ts --sdk-app-id N [options]

  --url URL         the server (ws://127.0.0.1:8080/rtc)
  --sdk-app-id N    the application; its secret key is taken from ROOMKEY_SECRET_KEY
  --room NAME       the room (joint-broadcast)
  --help            this text
`;

const values = readOptions();

function readOptions() {
  try {
    const options = {
      url: { type: 'string', default: 'ws://127.0.0.1:8080/rtc' },
      'sdk-app-id': { type: 'string', default: '' },
      room: { type: 'string', default: 'joint-broadcast' },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

/** What belongs on the customer's own server: who is let in with which bits is its decision, each time anew. */
function ticketsFor(userId: string, permissions: number) {
  const { ROOMKEY_SECRET_KEY: secretKey = '' } = process.env;
  const room = { strRoomId: values.room };
  return signEntry({ sdkAppId: Number(values['sdk-app-id']), secretKey, userId, room, permissions });
}

const keyFor = (userId: string, permissions: number) => ticketsFor(userId, permissions).privateMapKey ?? '';

/** Prints who receives what, once the broadcaster receives so many tracks and the viewer its two; after 10 s in any case. */
async function show(step: string, tracks: number): Promise<void> {
  const done = () =>
    broadcaster.receiving.consumers.length === tracks && viewer.receiving.consumers.length === 2;
  for (let waited = 0; waited < 10_000 && !done(); waited += 50) await sleep(50);
  const received = ({ receiving }: WireClient) =>
    receiving.consumers.map(({ slot }) => slot).join(', ') || 'nothing';
  console.log(`${step} (bits ${viewer.effective})`);
  console.log(`  the viewer receives ${received(viewer)}`);
  console.log(`  the broadcaster receives ${received(broadcaster)}`);
}

if (values.help) {
  console.log(help);
  process.exit(0);
}
if (!values['sdk-app-id'] || !process.env['ROOMKEY_SECRET_KEY']) {
  console.error(`Give --sdk-app-id, and set ROOMKEY_SECRET_KEY.\n\n${help}`);
  process.exit(2);
}
const broadcaster = await startBroadcast(values.url, ticketsFor('broadcaster', 255));
const viewer = await watchBroadcast(values.url, ticketsFor('viewer', viewerBits));
await show('the viewer has entered', 0);
await joinBroadcast(viewer, keyFor('viewer', guestBits));
await show('the viewer has joined the broadcast', 2);
await quitBroadcast(viewer, keyFor('viewer', viewerBits));
await show('the viewer has quit the broadcast', 0);
await Promise.all([viewer.leave(), broadcaster.leave()]);
