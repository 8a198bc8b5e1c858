import { advised } from './advice.ts';
import { holds } from './bit.ts';
import type { Person, Stream, Watching } from './person.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { DeviceState, InRoom } from './state.ts';

/** One picture on the stage. */
export interface Tile {
  /** The same for the same picture of the same person. */
  readonly key: string;
  /** Empty for the visitor. */
  readonly userId: string;
  readonly stream: Stream;
  readonly label: string;
  /** Whose initial stands where there is no picture. */
  readonly name: string;
  readonly picture: boolean;
  /** `unheard`: there is sound, and the visitor may not hear it. */
  readonly sound: 'on' | 'off' | 'unheard';
  /** Why there is no picture, where one is on offer. */
  readonly refusal: Refusal | undefined;
}

export const tileKey = (userId: string, stream: Stream): string => `${stream}:${userId}`;

/** What the stage shows, in order: shared screens, the others, the visitor. */
export function tilesOf(room: InRoom): readonly Tile[] {
  const others = room.people.map((person) => tileOf(room, person, 'main'));
  const screens = room.people
    .filter(({ sub }) => sub.at !== 'none')
    .map((person) => tileOf(room, person, 'sub'));
  return [...screens, ...ownScreen(room), ...others, ownCamera(room)];
}

/** Whether there is a place on the stage to invite somebody: nobody else is there, and no screen needs the room. */
export const invitesOnStage = ({ people, devices }: InRoom): boolean =>
  people.length === 0 && devices.screen !== 'on';

/** How the stage is divided on a wide page. */
export interface Layout {
  /** Shared screens, which stand above everything else. */
  readonly screens: number;
  readonly columns: number;
  readonly rows: number;
}

/** Divides the stage among the tiles and `guests` more places of the same size as a camera. */
export function layoutOf(tiles: readonly Pick<Tile, 'stream'>[], guests: number): Layout {
  const screens = tiles.filter(({ stream }) => stream === 'sub').length;
  const cameras = tiles.length - screens + guests;
  const columns = screens > 0 ? cameras : Math.ceil(Math.sqrt(cameras));
  return { screens, columns, rows: Math.ceil(cameras / columns) };
}

function tileOf(room: InRoom, { userId, audible, main, sub }: Person, stream: Stream): Tile {
  const watching = stream === 'main' ? main : sub;
  const refusal = refusalIn(room, stream, watching);
  const heard = holds(room.explanation.effective, 'recvAudio') ? 'on' : 'unheard';
  return {
    key: tileKey(userId, stream),
    userId,
    stream,
    label: stream === 'main' ? userId : `${userId}’s screen`,
    name: userId,
    // Without a connection the picture is black.
    picture: watching.at === 'available' && !refusal && room.connection === 'connected',
    sound: audible ? heard : 'off',
    refusal,
  };
}

/** The server refused the picture, or has taken it away since. */
function refusalIn({ explanation }: InRoom, stream: Stream, watching: Watching): Refusal | undefined {
  if (watching.at === 'refused') return watching.refusal;
  const permission = stream === 'main' ? 'recvVideo' : 'recvSub';
  if (watching.at === 'none' || holds(explanation.effective, permission)) return undefined;
  return advised(refusalOf(`${permission}Denied`), explanation);
}

/** A device that is being opened shows its picture as soon as there is one. */
const running = (state: DeviceState) => state === 'on' || state === 'starting';

const ownCamera = ({ form, devices }: InRoom): Tile => ({
  key: tileKey('', 'main'),
  userId: '',
  stream: 'main',
  label: `${form.name} (you)`,
  name: form.name,
  picture: running(devices.camera),
  sound: devices.microphone === 'on' ? 'on' : 'off',
  refusal: undefined,
});

function ownScreen({ form, devices }: InRoom): readonly Tile[] {
  if (devices.screen !== 'on') return [];
  const tile = { userId: '', stream: 'sub', label: 'Your screen', name: form.name } as const;
  return [{ ...tile, key: tileKey('', 'sub'), picture: true, sound: 'off', refusal: undefined }];
}
