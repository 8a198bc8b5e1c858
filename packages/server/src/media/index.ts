/** The media plane: mediasoup behind the port `MediaPlane` of the rooms. */
export type { MediaLog } from './media-log.ts';
export { defaultBitrates, type MediaSettings } from './media-settings.ts';
export type { MediaSnapshot, WorkerSnapshot } from './media-snapshot.ts';
export { MediasoupPlane } from './plane.ts';
export { MediaStartError } from './workers/worker-start.ts';
