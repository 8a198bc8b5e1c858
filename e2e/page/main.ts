import { BareClient } from './bare-client.ts';
import { openConnections, picture, remoteIceFragments, streams, tone } from './flow.ts';

/** What the tests find in a page. */
const kit = { BareClient, openConnections, picture, remoteIceFragments, streams, tone };
export type PageKit = typeof kit;

Object.assign(window, { kit });
