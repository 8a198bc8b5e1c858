import type { Trtc } from '../page-sdk.ts';

/** What is asked of a watcher's or a publisher's page. Times are milliseconds since 1970, the same clock in every page. */
interface FramePage {
  trtc: Trtc | undefined;
  enter(entry: object): Promise<void>;
  publish(source: { readonly profile: string; readonly codec: string } | 'screen'): Promise<void>;
  /** Receives every picture from now on as soon as there is one, or none any more. */
  receive(wanted: boolean): Promise<void>;
  /** When the server's newest answer to a method came, or its newest notice. Waits for one that is later than `after`. */
  heard(method: string, after: number): Promise<number>;
  /** When the first frame was shown that came after a time, and has one of the widths. */
  frame(after: number, widths: { readonly atLeast?: number; readonly below?: number }): Promise<number>;
  /** Closes the newest WebSocket. */
  cut(code: number): void;
}

declare global {
  interface Window {
    readonly framePage: FramePage;
  }
}

/** Puts a {@link FramePage} into a page, before the SDK comes. Runs in the page: it can use nothing from outside of itself. */
export function installFramePage(): void {
  const now = () => performance.timeOrigin + performance.now();
  const times = new Map<string, number>();
  const sockets: WebSocket[] = [];
  const changed = new EventTarget();
  const tell = () => changed.dispatchEvent(new Event('change'));

  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    readonly #asked = new Map<unknown, string>();

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
      this.addEventListener('message', ({ data }) => {
        const { id, method, result } = JSON.parse(String(data));
        const what = method ?? (result && this.#asked.get(id));
        if (what) times.set(what, now());
        tell();
      });
    }

    override send(data: string): void {
      const { id, method } = JSON.parse(data);
      this.#asked.set(id, method);
      super.send(data);
    }
  };

  let frames: { readonly at: number; readonly cameAt: number; readonly width: number }[] = [];
  const followed = new WeakSet<HTMLVideoElement>();
  /** As soon as there is an element: the first frame may come before the SDK has said that it plays. */
  const follow = (video: HTMLVideoElement) => {
    if (followed.has(video)) return;
    followed.add(video);
    const next = () =>
      video.requestVideoFrameCallback((at, { receiveTime = at, width }) => {
        const { timeOrigin } = performance;
        frames = [...frames.slice(-500), { at: timeOrigin + at, cameAt: timeOrigin + receiveTime, width }];
        tell();
        next();
      });
    next();
  };

  const view = document.createElement('div');
  view.style.cssText = 'width: 320px; height: 180px';
  new MutationObserver(() => {
    for (const video of view.querySelectorAll('video')) follow(video);
  }).observe(view, { childList: true, subtree: true });

  const until = async <T>(look: () => T | undefined, what: string): Promise<T> => {
    const deadline = now() + 20_000;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (now() > deadline) throw new Error(`waited 20 s for ${what}`);
      await new Promise((resolve) => {
        changed.addEventListener('change', resolve, { once: true });
        setTimeout(resolve, 500);
      });
    }
  };

  /** A page on which something moves. */
  const screenOfText = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1920, height: 1080 });
    const context = canvas.getContext('2d');
    let line = 0;
    setInterval(() => {
      if (!context) return;
      line = (line + 1) % 60;
      context.fillStyle = '#fff';
      context.fillRect(0, line * 18, 1920, 18);
      context.fillStyle = '#111';
      context.fillText(`line ${line}, ${now().toFixed()}`, 40 + line * 10, line * 18 + 14);
    }, 100);
    const [track] = canvas.captureStream(10).getVideoTracks();
    if (!track) throw new Error('the canvas has no track');
    return track;
  };

  let isWanted = false;
  const available = new Map<string, { userId: string; streamType: string }>();
  const kit: FramePage = {
    trtc: undefined,

    async enter(entry) {
      document.body.append(view);
      const trtc = window.TRTC.create({ enableAutoPlayDialog: false });
      kit.trtc = trtc;
      trtc.on('remote-video-available', ({ userId, streamType }) => {
        available.set(userId, { userId, streamType });
        if (isWanted) void trtc.startRemoteVideo({ userId, streamType, view }).catch(() => {});
      });
      trtc.on('remote-video-unavailable', ({ userId }) => available.delete(userId));
      await trtc.enterRoom(entry);
    },

    async publish(source) {
      if (source === 'screen') await kit.trtc?.startScreenShare({ option: { videoTrack: screenOfText() } });
      else await kit.trtc?.startLocalVideo({ option: source });
    },

    async receive(wanted) {
      isWanted = wanted;
      for (const picture of available.values())
        if (wanted) await kit.trtc?.startRemoteVideo({ ...picture, view });
        else await kit.trtc?.stopRemoteVideo(picture);
    },

    heard: (method, after) =>
      until(() => {
        const at = times.get(method);
        return at !== undefined && at > after ? at : undefined;
      }, method),

    frame: (after, { atLeast = 0, below = Number.POSITIVE_INFINITY }) =>
      until(
        () => frames.find(({ cameAt, width }) => cameAt > after && width >= atLeast && width < below)?.at,
        'a frame',
      ),

    cut: (code) => sockets.at(-1)?.close(code),
  };
  Object.assign(window, { framePage: kit });
}
