import type { Pump } from '@roomkey/testkit/disobedient';
import { type MatrixPlan, type MatrixResult, noResult, type Share, walk } from './matrix.ts';
import type { ProofServer } from './proof-server.ts';
import { WorkerDeaths } from './worker-deaths.ts';

/** Rooms on one worker. All of them come back at once: with many more, handshakes take so long that packets are missing. */
const ROOMS = 8;
/** Bytes that one room sees: a worker that dies again and again is started later each time. */
const ROOM_BYTES = 2;

/** Takes bytes through ways in which workers die, on as many servers with one worker each as it needs, one after the other. */
export async function proveDeaths(
  pump: Pump,
  start: () => Promise<ProofServer>,
  plan: MatrixPlan,
): Promise<MatrixResult> {
  const result = noResult();
  for (const share of plan.shares.flatMap(inPieces)) {
    const server = await start();
    try {
      const deaths = new WorkerDeaths(() => server.killWorkers());
      const rooms = dealt(share);
      for (const _ of rooms) deaths.join();
      await Promise.all(
        rooms.map((bytes) =>
          walk({ server, pump, deaths }, bytes, plan, result).finally(() => deaths.leave()),
        ),
      );
    } finally {
      await server.close();
    }
  }
  return result;
}

/** What one server is for. */
function inPieces({ way, bytes }: Share): Share[] {
  const size = ROOMS * ROOM_BYTES;
  const pieces = Math.ceil(bytes.length / size);
  return Array.from({ length: pieces }, (_, i) => ({ way, bytes: bytes.slice(i * size, (i + 1) * size) }));
}

/** What each room is for. */
function dealt({ way, bytes }: Share): Share[] {
  const rooms = Math.min(ROOMS, bytes.length);
  return Array.from({ length: rooms }, (_, room) => ({
    way,
    bytes: bytes.filter((__, index) => index % rooms === room),
  }));
}
