import type { Socket } from 'node:net';

/** A line was longer than agreed. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/**
 * The lines that arrive on a socket, without their end. Reads no further while a line is being worked on.
 *
 * @throws {LineTooLong} as soon as a line is longer than `longest` characters
 */
export async function* messageLines(socket: Socket, longest: number): AsyncGenerator<string, void> {
  socket.setEncoding('utf8');
  let rest = '';
  // Who stops reading may still have something to say.
  const chunks: AsyncIterable<string> = socket.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest || lines.some((line) => line.length > longest)) throw new LineTooLong();
    yield* lines;
  }
}
