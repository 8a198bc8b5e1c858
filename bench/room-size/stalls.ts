import { setTimeout as sleep } from 'node:timers/promises';
import { Permission, presets } from '@roomkey/tickets/permissions';
import type { LoopDelays } from '../loop-watch.ts';
import { progress } from '../options.ts';
import { type Application, type House, room } from './house.ts';

export const stallFigures = ['stall-take-all', 'stall-compromised', 'stall-grace', 'stall-dismiss'] as const;
export type StallFigure = (typeof stallFigures)[number];

/** What is measured with one number of members. */
export interface StallPlan {
  readonly figures: readonly StallFigure[];
  readonly senders: number;
  /** Members, the senders among them; all may send, all are seen and all receive. */
  readonly members: number;
  /** For how long an idle server is watched. */
  readonly seconds: number;
}

/** The longest stall of the event loop in milliseconds, with and without the time in which it got no core. */
type Stall = Pick<LoopDelays, 'longest' | 'longestOwn'>;

/** By what was done; `idle` when nothing was. */
export type Stalls = ReadonlyMap<string, Stall>;

/** The permissions that are taken from everybody, one after the other: to send sound, and to receive it. */
export const takenBits = ['send', 'receive'] as const;
type TakenBit = (typeof takenBits)[number];

/** Of `stall-take-all`, the larger of which counts. */
export const partOf = (bit: TakenBit): string => `stall-take-all, ${bit} bit`;

const graceSeconds = 3;
/** Milliseconds behind the last thing that members heard of. */
const afterMs = 300;

/** Changes something for everybody in a room, in several ways, and watches the server's event loop. */
export async function measureStalls(house: House, plan: StallPlan): Promise<Stalls> {
  const { members } = house;
  const stalls = new Map<string, Stall>();
  const wanted = (figure: StallFigure) => plan.figures.includes(figure);

  /** Lets everybody into the room of a new application. */
  async function fill(permissionControl: 'enforce' | 'off'): Promise<Application> {
    const began = performance.now();
    const application = await house.application({ permissionControl, graceSeconds });
    const anchor = { role: 'anchor', receives: true } as const;
    await house.enter(application, plan.senders, { ...anchor, sends: true });
    await house.enter(application, plan.members - plan.senders, { ...anchor, sends: false });
    await house.cpu.quiet();
    progress(`${plan.members} members are inside after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    if (!stalls.has('idle')) await watch('idle', () => sleep(plan.seconds * 1000));
    return application;
  }

  /** The longest stall from right before a job until long after everybody has heard of what it did. */
  async function watch(name: string, job: () => Promise<unknown>): Promise<void> {
    await house.server.call('forgetDelays');
    await house.server.call('watchLoop');
    const began = performance.now();
    await job();
    const took = performance.now() - began;
    await sleep(afterMs);
    await house.cpu.quiet();
    const { longest, longestOwn } = await house.server.call('loopDelays');
    stalls.set(name, { longest, longestOwn });
    progress(
      `${name}, ${plan.members} members: longest stall ${longest.toFixed(1)} ms, by its own work ${longestOwn.toFixed(1)} ms; done after ${took.toFixed()} ms`,
    );
  }

  /** An application in whose room everybody is and has everything. */
  let whole: Application | undefined;
  async function untouched(): Promise<Application> {
    whole ??= await fill('enforce');
    return whole;
  }

  /** Takes a permission from everybody, and gives it back. */
  async function take(bit: TakenBit): Promise<void> {
    const { sdkAppId } = await untouched();
    const mask = bit === 'send' ? Permission.sendAudio : Permission.recvAudio;
    const change = (value: number) =>
      house.demand((admin) => admin.call('member.setDenied', { sdkAppId, room, users: 'all', mask, value }));
    let lost = 0;
    await watch(partOf(bit), async () => {
      await change(mask);
      lost = await members.call('haveOrLost', { effective: presets.anchor - mask, slots: ['camera'] });
    });
    if (lost > 0) {
      progress(`${lost} members have lost their media by that: the room is filled anew`);
      await members.call('leave');
      whole = undefined;
    } else {
      await change(0);
      await members.call('publishAgain', { slot: 'microphone' });
      await members.call('have', { effective: presets.anchor, slots: ['microphone', 'camera'] });
    }
    await house.cpu.quiet();
  }

  /** Does what puts everybody out. */
  async function putOut(name: StallFigure, job: Parameters<House['demand']>[0]): Promise<void> {
    await watch(name, async () => {
      await house.demand(job);
      await members.call('allOut');
    });
    whole = undefined;
  }

  if (wanted('stall-take-all')) {
    for (const bit of takenBits) await take(bit);
    const worse = (which: keyof Stall) =>
      Math.max(...takenBits.map((bit) => stalls.get(partOf(bit))?.[which] ?? 0));
    stalls.set('stall-take-all', { longest: worse('longest'), longestOwn: worse('longestOwn') });
  }
  if (wanted('stall-compromised')) {
    const { sdkAppId, keyId } = await untouched();
    await putOut('stall-compromised', (admin) =>
      admin.call('app.setKeyState', { sdkAppId, keyId, state: 'compromised' }),
    );
  }
  if (wanted('stall-dismiss')) {
    const { sdkAppId } = await untouched();
    await putOut('stall-dismiss', (admin) => admin.call('room.dismiss', { sdkAppId, room }));
  }
  if (wanted('stall-grace')) {
    const { sdkAppId } = await fill('off');
    const settings = { permissionControl: 'enforce' } as const;
    await putOut('stall-grace', (admin) => admin.call('app.set', { sdkAppId, settings }));
  }
  if (whole) await members.call('leave');
  return stalls;
}
