/** The HTTP edge: pages, health, metrics, demo tickets, and the port that the WebSockets share. */
export { HttpServer } from './http-server.ts';
export { createMetrics } from './metrics.ts';
export { planSockets } from './socket-bounds.ts';
