import type { Change } from './cell.ts';
import type { Steps } from './steps.ts';

/** Measures what flows now; `start` and `end` are the bytes before and after the change, in words where there is more to say. */
type Observe = (change: Change, start: string | number, end: string | number) => Promise<void>;

/** One way in which a member's permissions change. */
export interface Way {
  readonly name: string;
  readonly live?: boolean;
  /** Most of its time passes in waiting. */
  readonly waits?: boolean;
  /** The worker of its rooms dies in it: it has servers of its own, so that nobody else loses media. */
  readonly killsWorker?: boolean;
  /** How the member comes to be where the first byte finds it. */
  begin(subject: Steps): Promise<void>;
  /** Takes the member through a ticket byte, shrinking and growing, and leaves it ready for the next. */
  run(subject: Steps, byte: number, observe: Observe): Promise<void>;
  /** How a growing and a shrinking change begin and end, for the table. */
  readonly says: Readonly<Record<Change, string>>;
  /** What members and connections go through, for the table. */
  readonly combined: string;
}

/** All bits but the six for media. */
export const noMedia = 3;
/** The six bits for media. */
export const allMedia = 252;

/** Enters with all bits, and really uses them: a closing can be forgotten only of what was opened. */
export async function enterWith255(subject: Steps): Promise<void> {
  await subject.enter(255);
  await subject.settle();
}

export const nothing = async () => {};
