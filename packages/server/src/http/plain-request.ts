import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a request says of the upgrade that it offers, and of the connection. */
const ofTheConnection = new Set(['connection', 'upgrade', 'http2-settings', 'keep-alive']);

/**
 * Gives a socket back to the HTTP server that handed it over because its request offers an upgrade: the request is read once
 * more, without the offer. RFC 9110 lets a server ignore an offer; Node.js 20 cannot, it hands over every one.
 *
 * The connection ends with the answer, so that this happens once.
 */
export function servePlainly(
  server: Server,
  accepted: 'connection' | 'secureConnection',
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name = '', value] = request.rawHeaders.slice(i, i + 2);
    if (!ofTheConnection.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  lines.push('Connection: close', '', '');
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit(accepted, socket);
}

/** Whether a request offers to become a WebSocket, and nothing else. */
export const offersWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.trim().toLowerCase() === 'websocket';
