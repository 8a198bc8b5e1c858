import type { Cell, Change } from './cell.ts';
import type { Fault } from './member-model.ts';
import { Stage, type World } from './stage.ts';
import { Subject } from './subject.ts';
import type { Way } from './way.ts';

/** Some ticket bytes that are to go one way. */
export interface Share {
  readonly way: Way;
  readonly bytes: readonly number[];
}

/** What is to be proved. */
export interface MatrixPlan {
  readonly shares: readonly Share[];
  /** In what way the server is broken, so that the proof knows what to wait for. */
  readonly fault?: Fault;
  /** Hears of every byte that one way is through with. */
  readonly done?: (cells: number) => void;
}

/** A byte with a window that showed nothing, however often it was repeated. */
interface Unmeasured {
  readonly way: string;
  readonly byte: number;
  readonly why: string;
}

export interface MatrixResult {
  readonly cells: readonly Cell[];
  readonly unmeasured: readonly Unmeasured[];
  /** How often a byte was begun again, for want of a window that shows something. */
  readonly repeated: number;
}

interface GrowingResult extends MatrixResult {
  readonly cells: Cell[];
  readonly unmeasured: Unmeasured[];
  repeated: number;
}

export const noResult = (): GrowingResult => ({ cells: [], unmeasured: [], repeated: 0 });

/** Cells of one byte that goes one way: two changes, eight rows. */
export const cellsOfByte = 16;

/** Rooms in which changes are measured at the same time. */
const LANES = 24;
/** Most bytes that one room sees of one way. */
const LANE_BYTES = 16;
/** How often a byte is tried before it counts as unmeasured. */
const ATTEMPTS = 4;

/** Takes every byte through every way, in many rooms at once. */
export async function proveMatrix(world: World, plan: MatrixPlan): Promise<MatrixResult> {
  const shares = lanesOf(plan.shares);
  const result = noResult();
  const lane = async () => {
    for (let share = shares.shift(); share; share = shares.shift()) await walk(world, share, plan, result);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return result;
}

/** Cut so that all lanes have something to do until the end: ways that wait first, and in smaller pieces. */
function lanesOf(shares: readonly Share[]): Share[] {
  const all = shares.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const most = Math.min(LANE_BYTES, Math.ceil(all / LANES));
  const waiting = [...shares].sort((a, b) => Number(b.way.waits ?? false) - Number(a.way.waits ?? false));
  return waiting.flatMap(({ way, bytes }) => {
    const size = way.waits ? Math.ceil(most / 4) : most;
    const pieces = Math.ceil(bytes.length / size);
    return Array.from({ length: pieces }, (_, i) => ({ way, bytes: bytes.slice(i * size, (i + 1) * size) }));
  });
}

/** Takes bytes through a way in one room, or in several when a window showed nothing, and adds what was seen. */
export async function walk(
  world: World,
  { way, bytes }: Share,
  { fault = {}, done = () => {} }: MatrixPlan,
  result: GrowingResult,
): Promise<void> {
  let room: Room | undefined;
  for (const byte of bytes) {
    const seen = new Map<Change, readonly Cell[]>();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        room ??= await Room.open(world, way, fault);
        await room.take(byte, seen);
        break;
      } catch (error) {
        room?.close();
        room = undefined;
        if (attempt < ATTEMPTS) result.repeated++;
        else result.unmeasured.push({ way: way.name, byte, why: (error as Error).message });
      }
    }
    for (const cells of seen.values()) result.cells.push(...cells);
    done(cellsOfByte);
  }
  room?.close();
}

/** A stage with a member on it who goes one way. */
class Room {
  readonly #stage: Stage;
  readonly #subject: Subject;
  readonly #way: Way;

  private constructor(stage: Stage, subject: Subject, way: Way) {
    this.#stage = stage;
    this.#subject = subject;
    this.#way = way;
  }

  static async open(world: World, way: Way, fault: Fault): Promise<Room> {
    const { live = false } = way;
    const stage = await Stage.open(world, { live });
    const subject = new Subject(stage, { live, fault });
    await way.begin(subject);
    return new Room(stage, subject, way);
  }

  /** Goes the way with a byte; what was seen before is not measured again. */
  async take(byte: number, seen: Map<Change, readonly Cell[]>): Promise<void> {
    await this.#way.run(this.#subject, byte, async (change, start, end) => {
      if (seen.has(change)) return;
      const place = { way: this.#way.name, change, byte, start: String(start), end: String(end) };
      seen.set(change, await this.#subject.observe(place));
    });
  }

  close(): void {
    this.#subject.close();
    this.#stage.close();
  }
}
