import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signEntry } from './app-server.ts';
import { WireClient } from './client.ts';
import type { Entry } from './messages.ts';
import { WireError } from './wire.ts';

const help = `Enters a room, sends silence and a still picture, and counts what comes from the others.

  node --import tsx examples/wire-client/main.ts --sdk-app-id N --room NAME --user NAME [options]

  --url URL         the server (ws://127.0.0.1:8080/rtc)
  --sdk-app-id N    the application
  --room NAME       the room, by its string id; or
  --room-id N       the room, by its number
  --user NAME       the user id
  --bits N          permission byte of the PrivateMapKey, when it is signed here (255)
  --send LIST       what to send: microphone, camera, screen (microphone,camera)
  --seconds N       leave after so many seconds (on Ctrl-C)
  --help

The environment gives either the application's ROOMKEY_SECRET_KEY, and both tickets are signed here, or the tickets
themselves: ROOMKEY_USER_SIG and ROOMKEY_PRIVATE_MAP_KEY.
`;

class UsageError extends Error {}

const values = readOptions();

function readOptions() {
  try {
    const options = {
      url: { type: 'string', default: 'ws://127.0.0.1:8080/rtc' },
      'sdk-app-id': { type: 'string' },
      room: { type: 'string' },
      'room-id': { type: 'string' },
      user: { type: 'string' },
      bits: { type: 'string', default: '255' },
      send: { type: 'string', default: 'microphone,camera' },
      seconds: { type: 'string', default: 'Infinity' },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

function requestedEntry(): Entry {
  const { user: userId, room: strRoomId } = values;
  const [sdkAppId, roomId] = [Number(values['sdk-app-id']), Number(values['room-id'])];
  if (!sdkAppId || !userId) throw new UsageError('Give --sdk-app-id and --user.');
  if ((strRoomId === undefined) === (values['room-id'] === undefined))
    throw new UsageError('Give either --room or --room-id.');
  const room = strRoomId === undefined ? { roomId } : { strRoomId };
  const { ROOMKEY_SECRET_KEY: secretKey, ROOMKEY_USER_SIG: userSig } = process.env;
  if (secretKey) return signEntry({ sdkAppId, secretKey, userId, room, permissions: Number(values.bits) });
  if (!userSig)
    throw new UsageError('Set ROOMKEY_SECRET_KEY, or ROOMKEY_USER_SIG and ROOMKEY_PRIVATE_MAP_KEY.');
  const { ROOMKEY_PRIVATE_MAP_KEY: privateMapKey } = process.env;
  return { sdkAppId, userId, userSig, ...room, ...(privateMapKey && { privateMapKey }) };
}

async function publish(client: WireClient): Promise<void> {
  for (const slot of values.send.split(',').filter(Boolean)) {
    if (slot === 'microphone') await client.publishSilence();
    else if (slot === 'camera' || slot === 'screen') await client.publishPicture(slot);
    else throw new UsageError(`--send does not know "${slot}".`);
  }
}

/** Prints once a second how many packets came of each track. */
async function report(client: WireClient, until: AbortSignal): Promise<void> {
  const before = new Map<number, number>();
  while (!until.aborted) {
    await sleep(1000, undefined, { signal: until }).catch(() => {});
    for (const { userId, slot, ssrc } of client.receiving.consumers) {
      const packets = client.receiving.packets(ssrc);
      console.log(`${userId} ${slot} SSRC ${ssrc}: ${packets - (before.get(ssrc) ?? 0)} packets`);
      before.set(ssrc, packets);
    }
  }
}

async function run(): Promise<void> {
  if (values.help) return console.log(help);
  const client = await WireClient.enter(values.url, requestedEntry(), console.log);
  console.log(`entered with the permission byte ${client.effective}`);
  const end = new AbortController();
  process.once('SIGINT', () => end.abort());
  void client.wire.closed.then(({ code, reason }) => {
    if (!end.signal.aborted) console.log(`the server closed the connection: ${code} ${reason}`);
    end.abort();
  });
  const seconds = Number(values.seconds);
  if (Number.isFinite(seconds)) setTimeout(() => end.abort(), seconds * 1000).unref();
  try {
    await publish(client);
    await report(client, end.signal);
  } finally {
    end.abort();
    await client.leave();
  }
}

try {
  await run();
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  if (error instanceof WireError) console.error(`Refused (${error.refusal}): ${error.message}`);
  else if (error instanceof UsageError) console.error(`${error.message} --help says more.`);
  else console.error(error);
}
