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

const devices = new DeviceLoader();

/** The page this runs in. */
export const browserPlatform = (): Platform => ({
  timers,
  devices,
  mediaDevices: globalThis.navigator?.mediaDevices,
  document: globalThis.document,
  openSocket: (url, { onMessage, onClose }) => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => onMessage(data);
    socket.onclose = () => onClose();
    return socket;
  },
  audioPlayer: (hooks: PlayerHooks) => new HtmlAudioPlayer(document, hooks),
  videoPlayer: (hooks: PlayerHooks) => new HtmlVideoPlayer(document, hooks),
});
