/** The WebSocket edge: parses, limits, carries requests to the home and notices back. */
export { type CloseCause, closeCauses } from './close-causes.ts';
export { SignalingEdge, type SignalingOptions, signalingPath, subprotocol } from './signaling-edge.ts';
export type { SignalingObserver } from './signaling-observer.ts';
