import { RtcError } from './errors/rtc-error.ts';

let scriptUrl: string | undefined;

/** Remembers where this script was loaded from; said once by each way in. */
export function setScriptUrl(url: string | undefined): void {
  scriptUrl = url;
}

/**
 * The URL of a server's signaling: of `url` if given, else of the origin this script came from, else of the page's.
 *
 * @throws {RtcError} `parameterRange` when `url` is not an HTTP or WebSocket URL, or there is no page to take one from
 */
export function signalingUrl(
  url: string | undefined,
  script: string | undefined = scriptUrl,
  page: string | undefined = globalThis.location?.origin,
): string {
  const base = url ?? (script && isWeb(script) ? new URL(script).origin : page);
  if (base === undefined || !isWeb(base)) {
    const message = `The server's URL must begin with https://, http://, wss:// or ws://, not ${base}.`;
    throw new RtcError('parameterRange', message, { functionName: 'create' });
  }
  const signaling = new URL('/rtc', base);
  signaling.protocol = signaling.protocol.replace('http', 'ws');
  return signaling.href;
}

function isWeb(url: string): boolean {
  try {
    return /^(https?|wss?):$/.test(new URL(url).protocol);
  } catch {
    return false;
  }
}
