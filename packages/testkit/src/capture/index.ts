/** What really was on the wire: tcpdump's capture of one interface, read as it comes. */
export type { Packet } from './packet.ts';
export { Tcpdump } from './tcpdump.ts';
export { type WebSocketMessage, WebSocketStream } from './web-socket-stream.ts';
