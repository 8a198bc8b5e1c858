/** Media in Node for tests: the far end of a transport, and a slow link on the way to it. */
export { askedAgain, keyFramesAsked, senderReport } from './rtcp.ts';
export { RtpPeer, type Sending, type SentStream, sentParameters } from './rtp-peer.ts';
export { type LinkSettings, UdpLink } from './udp-link.ts';
