/** Real things for tests: the server as a process of its own, and Chromium with fake devices. */
export { type ChromiumOptions, launchChromium } from './chromium.ts';
export { inspected, ServerProcess, type ServerProcessOptions } from './server-process.ts';
export { TcpRelay } from './tcp-relay.ts';
