import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../options.ts';
import { concealed, fps, frozen, longestGap, moves, secondsUntilMoving, sent, width } from './reading.ts';
import type { Tape } from './sample.ts';
import { type Measure, reading, right, type Scenario, settleSeconds, windows } from './scenarios.ts';
import type { Stage, StageMember } from './stage.ts';

/** Longest wait for everybody's first picture; what does not come then is measured as it is. */
const patienceMs = 15_000;

/** What one run of a scenario has shown. */
export interface Outcome {
  /** In the order of the scenario's measures. */
  readonly measured: readonly number[];
  /** Streams without a moving picture some time after the network was right again. */
  readonly dead: readonly string[];
  /** Pictures that were watched. */
  readonly watched: number;
  /** What each publisher of a picture sent while frames were counted. */
  readonly sent: Readonly<Record<string, ReturnType<typeof sent>>>;
}

interface Moments {
  /** Unix milliseconds: everybody who watches had entered, the network became bad, it was right again. */
  readonly entered: number;
  readonly bad: number;
  readonly good: number;
}

/** Plays a scenario once, in a room of its own; `keep` gets all that the members' pages noted. */
export async function play(
  stage: Stage,
  scenario: Scenario,
  roomId: number,
  keep?: (notes: Moments & { readonly tapes: Record<string, Tape> }) => void,
): Promise<Outcome> {
  const cast = Object.entries(scenario.cast);
  const members = new Map<string, StageMember>();
  try {
    await Promise.all(
      cast.map(async ([name, { roundTripMs = 0 }]) => {
        members.set(name, await stage.member(name, roomId, roundTripMs));
      }),
    );
    for (const [name, { publishes, sound = 'voice', watches }] of cast) {
      const member = members.get(name) as StageMember;
      await member.enter(watches);
      await member.page
        .evaluate(([source, heard]) => window.kit.publish(source, heard), [publishes, sound] as const)
        .catch(complain(name));
    }
    const entered = Date.now();
    const watched = picturesOf(scenario);
    await everyPicture(members, watched, entered + patienceMs);
    await sleep(settleSeconds * 1000);
    for (const [name, limit] of Object.entries(scenario.limits)) members.get(name)?.limit(limit);
    const bad = Date.now();
    const readable = await untilGood(scenario, members, bad);
    for (const [name, limit] of Object.entries(scenario.limits))
      if (limit !== 'another address') members.get(name)?.limit({});
    const moments = { entered, bad, good: Date.now() };
    await sleep(scenario.after * 1000);
    const tapes = new Map<string, Tape>();
    for (const [name, { page }] of members) tapes.set(name, await page.evaluate(() => window.kit.tape()));
    keep?.({ ...moments, tapes: Object.fromEntries(tapes) });
    return judge(scenario, tapes, moments, readable);
  } finally {
    await Promise.all([...members.values()].map((member) => member.leave()));
  }
}

const complain = (name: string) => (error: Error) =>
  progress(`  ${name} could not publish: ${error.message.split('\n')[0]}`);

/** Who watches which picture. */
const picturesOf = ({ cast }: Scenario) =>
  Object.entries(cast).flatMap(([at, { watches }]) =>
    watches.map((of) => ({ at, of, picture: `${of}:${cast[of]?.publishes === 'screen' ? 'sub' : 'main'}` })),
  );

async function everyPicture(
  members: ReadonlyMap<string, StageMember>,
  watched: ReturnType<typeof picturesOf>,
  deadline: number,
): Promise<void> {
  for (const { at, picture } of watched) {
    const frames = () =>
      members
        .get(at)
        ?.page.evaluate((key) => window.kit.tape().samples.at(-1)?.pictures[key]?.frames ?? 0, picture);
    while (((await frames()) ?? 0) < 3 && Date.now() < deadline) await sleep(100);
  }
}

/** Waits while the network is bad; turns the page of a shared text meanwhile, and says how much of it each watcher can read. */
async function untilGood(
  { cast, seconds }: Scenario,
  members: ReadonlyMap<string, StageMember>,
  bad: number,
): Promise<ReadonlyMap<string, number>> {
  const until = (second: number) => sleep(Math.max(bad + second * 1000 - Date.now(), 0));
  const readable = new Map<string, number>();
  const [sharer] = Object.entries(cast).find(([, { publishes }]) => publishes === 'screen') ?? [];
  if (sharer !== undefined) {
    await until(reading.turnAt);
    await members.get(sharer)?.page.evaluate(() => window.kit.turnPage(2));
    await until(reading.turnAt + reading.readAfter);
    for (const [name, { page }] of members) {
      if (!cast[name]?.watches.includes(sharer)) continue;
      readable.set(name, await page.evaluate((key) => window.kit.readable(key, 2), `${sharer}:sub`));
    }
  }
  await until(seconds);
  return readable;
}

function judge(
  scenario: Scenario,
  tapes: ReadonlyMap<string, Tape>,
  { entered, bad, good }: Moments,
  readable: ReadonlyMap<string, number>,
): Outcome {
  const watched = picturesOf(scenario);
  const samplesOf = (name: string) => tapes.get(name)?.samples ?? [];
  const after = (second: number) => bad + second * 1000;
  const [from, to] = windows.fps.map(after) as [number, number];
  const pictureOf = ({ at, of }: Measure) =>
    watched.find((each) => each.at === at && each.of === of)?.picture ?? '';

  const enteredAt = (name: string) =>
    tapes.get(name)?.incidents.find(({ what }) => what === 'entered')?.at ?? entered;
  const value = (measure: Measure): number => {
    const samples = samplesOf(measure.at);
    const picture = pictureOf(measure);
    switch (measure.what) {
      case 'fps':
        return fps(samples, picture, from, to);
      case 'width':
        return width(samples, picture, scenario.seconds > 0 ? to : enteredAt(measure.at) + 5000);
      case 'width back':
        return width(samples, picture, good + scenario.after * 1000);
      case 'concealed':
        return concealed(samples, measure.of, after(windows.concealedFrom), good);
      case 'frozen':
        return frozen(samples, picture, after(windows.frozen[0]), after(windows.frozen[1]));
      case 'readable':
        return 100 * (readable.get(measure.at) ?? 0);
      case 'back':
        return secondsUntilMoving(samples, picture, good) ?? scenario.after;
      case 'gap':
        return longestGap(samples, picture, bad, good);
      case 'stays':
        return tapes.get(measure.at)?.incidents.some(({ what }) => what.startsWith('out')) ? 0 : 1;
    }
  };

  const counts = scenario.measures.some(({ what }) => what === 'fps');
  const sending = counts ? ([from, to] as const) : ([entered, good + scenario.after * 1000] as const);
  const rightFrom = good + right.after * 1000;
  const rightTo = rightFrom + right.watch * 1000;
  return {
    measured: scenario.measures.map(value),
    watched: watched.length,
    dead: watched
      .filter(({ at, picture }) => !moves(samplesOf(at), picture, rightFrom, rightTo))
      .map(({ at, of }) => `${of} at ${at}`),
    sent: Object.fromEntries(
      Object.entries(scenario.cast)
        .filter(([, { publishes }]) => publishes)
        .map(([name]) => [name, sent(samplesOf(name), ...sending)]),
    ),
  };
}
