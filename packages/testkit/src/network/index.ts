/** Networks as people have them, on one computer: namespaces, links that lose packets, are narrow or break, and real latency. */
export { type Link, type LinkState, tbf, type Way } from './link.ts';
export { Network } from './network.ts';
