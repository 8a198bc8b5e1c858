import type { Duplex } from 'node:stream';

/** Bytes. A frame of a WebSocket has at least six. */
const PIECE = 1024;

/**
 * Hands what comes on a socket to those who listen now in small pieces, and only as long as it is `wanted`. One read brings
 * up to 64 KB: ten thousand frames, which would all be looked at although the first few have ended the connection.
 */
export function readInPieces(socket: Duplex, wanted: () => boolean): void {
  const listeners = socket.listeners('data');
  socket.removeAllListeners('data');
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && wanted(); at += PIECE)
      for (const listener of listeners) listener.call(socket, bytes.subarray(at, at + PIECE));
  });
}
