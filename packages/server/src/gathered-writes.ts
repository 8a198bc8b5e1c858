import type { Writable } from 'node:stream';

/**
 * Makes one write of all that is written to a stream in one turn of the event loop, its microtasks included. It leaves at
 * the end of that turn, before any other event is handled.
 */
export function gatherWrites(stream: Writable): void {
  const write = stream.write;
  let gathering = false;
  const flush = () => {
    gathering = false;
    stream.uncork();
  };
  // Ticks run when no microtask is left, so one that a microtask asks for comes after all that the turn has to say.
  const atEndOfTurn = () => process.nextTick(flush);
  stream.write = ((...written: Parameters<typeof write>) => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      queueMicrotask(atEndOfTurn);
    }
    return write.apply(stream, written);
  }) as typeof write;
}
