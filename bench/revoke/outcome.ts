import type { BareStop } from './bare-engine.ts';
import type { Change } from './members.ts';
import type { Recording } from './recording.ts';

/** What many stops came to. */
export interface Outcome {
  /** Of each: milliseconds from its call to the last packet that left for the affected side; 0 when none came after the call. */
  readonly latencies: number[];
  /** Packets that left for the affected side after the answer, of all together. */
  after: number;
  /** Stops that cannot count: nothing had flowed right before, or nobody was sending after the answer. */
  uncounted: number;
}

/** Of a stop that counts, the affected side got a packet in that time before it, in milliseconds. */
const flowMs = 100;

export const noOutcome = (): Outcome => ({ latencies: [], after: 0, uncounted: 0 });

/** Adds what the capture says of changes of permissions; `sender` is the SSRC of who goes on sending. */
export function addChanges(
  outcome: Outcome,
  changes: readonly Change[],
  recording: Recording,
  sender: number,
): void {
  const { received, requests, answers } = recording;
  const sending = received.get(sender) ?? [];
  for (const { id, backId, silenced } of changes) {
    const [calledAt, answeredAt, backAt] = [requests.get(id), answers.get(id), requests.get(backId)];
    if (calledAt === undefined || answeredAt === undefined || backAt === undefined)
      throw new Error('a request or its answer is not in the capture');
    const went = silenced.map((outflow) => recording.sent.of(outflow, backAt));
    const wentOn = sending.some((at) => at > answeredAt && at < answeredAt + flowMs);
    if (!wentOn || !flowed(went, calledAt)) {
      outcome.uncounted++;
      continue;
    }
    outcome.latencies.push(latency(went, calledAt));
    outcome.after += went.flat().filter((at) => at > answeredAt).length;
  }
}

/** Adds what the capture says of the engine's own stops. */
export function addStops(outcome: Outcome, stops: readonly BareStop[], recording: Recording): void {
  for (const { mark, backMark, silenced } of stops) {
    const [calledAt, backAt] = [recording.marks.get(mark), recording.marks.get(backMark)];
    if (calledAt === undefined || backAt === undefined) throw new Error('a mark is not in the capture');
    const went = silenced.map((outflow) => recording.sent.of(outflow, backAt));
    if (flowed(went, calledAt)) outcome.latencies.push(latency(went, calledAt));
    else outcome.uncounted++;
  }
}

/** Whether every one who should fall silent had been heard right before. */
const flowed = (went: readonly number[][], calledAt: number): boolean =>
  went.length > 0 && went.every((times) => times.some((at) => at < calledAt && at > calledAt - flowMs));

const latency = (went: readonly number[][], calledAt: number): number =>
  Math.max(0, ...went.map((times) => Math.max(...times) - calledAt));
