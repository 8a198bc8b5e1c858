/** The HTTP edge: pages, health, metrics, demo tickets, and the port that the WebSockets share. */
export { type AppOptions, createApp } from './app.ts';
export { type DemoTicketOptions, demoTicketSeconds } from './demo-tickets.ts';
export { HttpListenError, HttpServer, type HttpServerOptions, type UpgradeHandler } from './http-server.ts';
export { createMetrics, type MediaFigures, type MetricSources, type Metrics } from './metrics.ts';
