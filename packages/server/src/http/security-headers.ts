import type { Context } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

/** Sent with everything that has no stricter ones: no guessing of types, no referrer, no framing, and nothing may be loaded. */
export const plainHeaders = secureHeaders({
  overwrite: false,
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
});

/** For the SDK's files: pages of other origins may load them. */
export const sdkHeaders = secureHeaders({
  strictTransportSecurity: false,
  crossOriginResourcePolicy: 'cross-origin',
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
});

/** For the demo page: only what this server serves, and its WebSocket. */
export const demoHeaders = secureHeaders({
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"],
    mediaSrc: ["'self'", 'blob:'],
    workerSrc: ["'self'", 'blob:'],
    connectSrc: ["'self'", ownWebSocket],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  permissionsPolicy: { camera: ['self'], microphone: ['self'], displayCapture: ['self'], geolocation: [] },
});

/** Not every browser takes `'self'` for a WebSocket to the page's own host. */
function ownWebSocket(c: Context): string {
  const host = c.req.header('host') ?? '';
  return /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9A-Fa-f:]+\](:\d+)?$/.test(host) ? `ws://${host} wss://${host}` : '';
}
