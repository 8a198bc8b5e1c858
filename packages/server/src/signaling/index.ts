/** The WebSocket edge: parses, limits, carries requests to the home and notices back. */
export { SignalingEdge, signalingPath } from './signaling-edge.ts';
