import { DeviceLoader } from './device-loader.ts';
import { HtmlAudioPlayer, HtmlVideoPlayer } from './html-player.ts';
import type { Platform, PlayerHooks, Timers } from './platform.ts';

const timers: Timers = {
  now: () => performance.now(),
  unixSeconds: () => Date.now() / 1000,
  after: (ms, job) => {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
};

/** As far as it is used; not every browser has it, and only on phones it names the type. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

function onNetworkChange(listener: () => void): () => void {
  const { connection } = (globalThis.navigator ?? {}) as { readonly connection?: NetworkInformation };
  let type = connection?.type;
  // It is also told whenever the estimate of the speed changes.
  const onChange = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  globalThis.window?.addEventListener('online', listener);
  connection?.addEventListener('change', onChange);
  return () => {
    globalThis.window?.removeEventListener('online', listener);
    connection?.removeEventListener('change', onChange);
  };
}

const devices = new DeviceLoader();

/** The page this runs in. */
export const browserPlatform = (): Platform => ({
  timers,
  devices,
  mediaDevices: globalThis.navigator?.mediaDevices,
  document: globalThis.document,
  openSocket: (url, { onOpen, onMessage, onClose }) => {
    const socket = new WebSocket(url);
    socket.onopen = () => onOpen();
    socket.onmessage = ({ data }) => onMessage(data);
    socket.onclose = () => onClose();
    return socket;
  },
  onNetworkChange,
  audioPlayer: (hooks: PlayerHooks) => new HtmlAudioPlayer(document, hooks),
  videoPlayer: (hooks: PlayerHooks) => new HtmlVideoPlayer(document, hooks),
});
