/** Members that obey nobody, for proofs by packets. */
export { type Arrival, Arrivals } from './arrivals.ts';
export { type Coming, DisobedientClient } from './disobedient-client.ts';
export { type Header, markedPacket, packetBytes, type StreamName, srtpBytes } from './mark.ts';
export { Pump, type Totals } from './pump.ts';
export { WireRefusal, WireSocket } from './wire-socket.ts';
