/** Administration of a data folder: the server's socket and the way to it. */

export { rotateMasterKey } from '../store/index.ts';
export { type AdminClient, openAdmin } from './admin-client.ts';
export { AdminError } from './admin-error.ts';
export { AdminServer } from './admin-server.ts';
