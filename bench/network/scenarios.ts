import type { LinkState } from '@roomkey/testkit/network';
import type { Sound, Source } from './page.ts';

/** Figures with targets; each is made of all measures that carry its name. */
export const figures = {
  'full-size': { unit: 'px', target: { atLeast: 640 }, of: 'smallest median' },
  'frozen-for-good': { unit: 'streams', target: { atMost: 0 }, of: 'sum' },
  'concealed-5': { unit: '%', target: { below: 1 }, of: 'largest median' },
  'concealed-narrow': { unit: '%', target: { below: 1 }, of: 'largest median' },
  'narrow-300': { unit: 'fps', target: { atLeast: 7 }, of: 'smallest median' },
  'narrow-150': { unit: 'fps', target: { atLeast: 3 }, of: 'smallest median' },
  'screen-500': { unit: 'fps', target: { atLeast: 1 }, of: 'smallest median' },
  'screen-readable': { unit: '%', target: { atLeast: 99 }, of: 'smallest median' },
  'good-watcher': { unit: 's', target: { below: 0.5 }, of: 'largest median' },
  'outage-back': { unit: 's', target: { below: 3 }, of: 'largest median' },
  'outage-stays': { unit: 'share', target: { atLeast: 1 }, of: 'mean' },
} as const;

export type FigureName = keyof typeof figures;

/** Somebody in a scenario, with a link and a Chromium of its own. Everybody hears everybody who makes a sound. */
interface Part {
  /** Beside its sound. */
  readonly publishes?: Source;
  /** What its microphone hears: a voice by default; the codec mends a loss of music less well by itself. */
  readonly sound?: Sound | 'none';
  /** Whose pictures it watches. */
  readonly watches: readonly string[];
  /** Milliseconds of round trip to the server; none by default. */
  readonly roundTripMs?: number;
}

/** What is read from the members' pages. `of` is who sends, `at` is who receives. */
export interface Measure {
  readonly what:
    | 'fps'
    | 'width'
    | 'width back'
    | 'concealed'
    | 'frozen'
    | 'readable'
    | 'back'
    | 'gap'
    | 'stays';
  readonly of: string;
  readonly at: string;
  readonly figure?: FigureName;
}

/** One way in which a network is bad. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** They enter in this order. */
  readonly cast: Readonly<Record<string, Part>>;
  /** What becomes of whose link, five seconds after everybody is there. */
  readonly limits: Readonly<Record<string, LinkState | 'another address'>>;
  /** Seconds until the network is right again. */
  readonly seconds: number;
  /** Seconds that are watched after that. */
  readonly after: number;
  readonly measures: readonly Measure[];
  /** The peer can do the same. It plays it once. */
  readonly peer?: true;
  /** It is long, and no figure with a target needs more runs of it. */
  readonly once?: true;
}

/** Seconds from everybody's being there until the network becomes bad. */
export const settleSeconds = 5;
/** Frames are counted over 20 s that begin 10 s after that; concealed sound from 5 s on; freezes at good members for 15 s. */
export const windows = { fps: [10, 30], concealedFrom: 5, frozen: [0, 15] } as const;
/** The page of a shared text turns so late in the scenario, and is read so much later. */
export const reading = { turnAt: 12, readAfter: 5 } as const;
/** So long after the network is right again every picture moves: it is looked at for two seconds then. */
export const right = { after: 5, watch: 2 } as const;

const oneWay = (publishes: Source): Scenario['cast'] => ({
  ana: { publishes, watches: [] },
  bob: { sound: 'none', watches: ['ana'] },
  cat: { sound: 'none', watches: ['ana'] },
});

/** `ana` and `bob` call each other, `bob` on a link that loses packets in both directions; `cat` watches on a good one. */
function loss(name: string, sound: Sound): Scenario {
  return {
    name,
    about: `${sound} and camera both ways, 5 % loss both ways and 100 ms of round trip on one link`,
    cast: {
      ana: { publishes: 'camera', sound, watches: ['bob'] },
      bob: { publishes: 'camera', sound, watches: ['ana'], roundTripMs: 100 },
      cat: { sound: 'none', watches: ['ana'] },
    },
    limits: { bob: { up: { loss: 0.05 }, down: { loss: 0.05 } } },
    seconds: 30,
    after: 8,
    peer: true,
    measures: [
      { what: 'concealed', of: 'ana', at: 'bob', figure: 'concealed-5' },
      { what: 'concealed', of: 'bob', at: 'ana', figure: 'concealed-5' },
      { what: 'fps', of: 'ana', at: 'bob' },
      { what: 'fps', of: 'bob', at: 'ana' },
      { what: 'frozen', of: 'ana', at: 'cat', figure: 'good-watcher' },
    ],
  };
}

/** `ana` publishes, `bob` watches on a narrow link, `cat` on a good one. */
function narrowDown(
  name: string,
  source: Source,
  kilobits: number,
  figures: { fps?: FigureName; concealed?: FigureName; readable?: FigureName },
  after = 8,
): Scenario {
  const measured = (what: Measure['what'], figure: FigureName | undefined): Measure => ({
    what,
    of: 'ana',
    at: 'bob',
    ...(figure && { figure }),
  });
  return {
    name,
    about: `${source}, ${kilobits} kbit/s to one watcher`,
    cast: oneWay(source),
    limits: { bob: { down: { kilobits } } },
    seconds: 30,
    after,
    peer: true,
    measures: [
      measured('fps', figures.fps),
      measured('width', undefined),
      measured('concealed', figures.concealed),
      ...(source === 'screen'
        ? [measured('readable', figures.readable), { what: 'readable', of: 'ana', at: 'cat' } as const]
        : []),
      measured('width back', undefined),
      measured('back', undefined),
      { what: 'frozen', of: 'ana', at: 'cat', figure: 'good-watcher' },
    ],
  };
}

/** `ana` publishes on a narrow link, `bob` watches on a good one. */
const narrowUp = (name: string, source: Source, kilobits: number): Scenario => ({
  name,
  about: `${source}, ${kilobits} kbit/s from its publisher`,
  cast: { ana: { publishes: source, watches: [] }, bob: { sound: 'none', watches: ['ana'] } },
  limits: { ana: { up: { kilobits } } },
  seconds: 30,
  after: 8,
  measures: (['fps', 'width', 'concealed', 'width back', 'back'] as const).map((what) => ({
    what,
    of: 'ana',
    at: 'bob',
  })),
});

/** `ana` on a good link calls three whose links are cut at once: upwards, downwards, and both ways. */
function outage(seconds: number, isJudged: boolean): Scenario {
  const cut = ['up', 'down', 'both'];
  const back: Measure[] = cut.flatMap((who) => [
    { what: 'back', of: 'ana', at: who, ...(isJudged && { figure: 'outage-back' }) },
    { what: 'back', of: who, at: 'ana', ...(isJudged && { figure: 'outage-back' }) },
  ]);
  const stays: Measure[] = cut.map((who) => ({
    what: 'stays',
    of: who,
    at: who,
    ...(isJudged && { figure: 'outage-stays' }),
  }));
  return {
    name: `outage-${seconds}`,
    about: `three links cut for ${seconds} s: upwards, downwards, both ways`,
    cast: {
      ana: { publishes: 'camera', watches: cut },
      ...Object.fromEntries(
        cut.map((who) => [who, { publishes: 'small camera', watches: ['ana'] } satisfies Part]),
      ),
    },
    limits: {
      up: { up: { cut: true } },
      down: { down: { cut: true } },
      both: { up: { cut: true }, down: { cut: true } },
    },
    seconds,
    after: 15,
    measures: [...back, ...stays],
    ...(isJudged ? {} : { once: true }),
  };
}

/** Every scenario, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'free',
    about: 'camera, nothing is wrong',
    cast: oneWay('camera'),
    limits: {},
    seconds: 0,
    after: 8,
    measures: [{ what: 'width', of: 'ana', at: 'bob', figure: 'full-size' }],
  },
  loss('loss-5', 'voice'),
  loss('loss-5-music', 'music'),
  narrowDown('camera-300', 'camera', 300, { fps: 'narrow-300', concealed: 'concealed-narrow' }, 16),
  narrowDown('camera-150', 'camera', 150, { fps: 'narrow-150' }),
  narrowDown('large-150', 'large camera', 150, {}),
  narrowDown('screen-500', 'screen', 500, { fps: 'screen-500', readable: 'screen-readable' }),
  narrowDown('screen-300', 'screen', 300, { concealed: 'concealed-narrow' }),
  narrowUp('camera-150-up', 'camera', 150),
  outage(5, true),
  outage(20, true),
  outage(60, false),
  {
    name: 'path',
    about: 'one member changes its address, UDP is blocked for another',
    cast: {
      ana: { publishes: 'camera', watches: ['moved', 'blocked'] },
      moved: { publishes: 'small camera', watches: ['ana'] },
      blocked: { publishes: 'small camera', watches: ['ana'] },
    },
    limits: {
      moved: 'another address',
      blocked: { up: { noUdp: true }, down: { noUdp: true } },
    },
    seconds: 20,
    after: 8,
    measures: ['moved', 'blocked'].flatMap((who): Measure[] => [
      { what: 'gap', of: 'ana', at: who },
      { what: 'gap', of: who, at: 'ana' },
      { what: 'stays', of: who, at: who },
    ]),
  },
];
