import type { Trtc } from '../page-sdk.ts';
import type { Incident, Sample, Tape } from './sample.ts';

/** What a member publishes beside its voice. */
export type Source = 'camera' | 'small camera' | 'large camera' | 'screen';

export type Sound = 'voice' | 'music';

/** What is in each page. */
interface Kit {
  enter(entry: object, watches: readonly string[]): Promise<void>;
  publish(source: Source | undefined, sound: Sound | 'none'): Promise<void>;
  /** The text of the shared screen is another one from now on. */
  turnPage(page: number): void;
  /** The share of the characters of a page that can be read in the picture that a member sees now. */
  readable(picture: string, page: number): number;
  tape(): Tape;
}

declare global {
  interface Window {
    readonly kit: Kit;
  }
}

/** Puts the {@link Kit} into a page, before the SDK comes. Runs in the page: it can use nothing from outside of itself. */
export function install(): void {
  const profiles = { camera: '480p', 'small camera': '240p', 'large camera': '720p' } as const;
  const sampleMs = 200;
  const connections: RTCPeerConnection[] = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };

  const samples: Sample[] = [];
  const incidents: Incident[] = [];
  const note = (what: string) => incidents.push({ at: Date.now(), what });
  const views = new Map<string, HTMLElement>();
  /** Whose a track is: `USER:main` or `USER:sub`. */
  const owners = new Map<string, string>();

  type Counters = Record<string, number>;
  const lastSeen = new Map<string, Counters>();
  const totals = {
    pictures: {} as Record<string, Counters>,
    voices: {} as Record<string, Counters>,
    sent: {} as Record<string, Counters>,
  };

  /** What a stream has counted since it was looked at last is added to the total of whom it belongs to. */
  const add = (of: Record<string, Counters>, owner: string, stream: string, counted: Counters): Counters => {
    const before = lastSeen.get(stream) ?? {};
    lastSeen.set(stream, counted);
    const total = of[owner] ?? {};
    of[owner] = total;
    for (const [name, value] of Object.entries(counted))
      total[name] = (total[name] ?? 0) + value - (before[name] ?? 0);
    return total;
  };

  // biome-ignore lint/suspicious/noExplicitAny: the DOM's types know no entry of these reports.
  const read = (connection: number, entry: any) => {
    const stream = `${connection}:${entry.id}`;
    if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
      const counted = {
        frames: entry.framesSent ?? 0,
        bytes: entry.bytesSent ?? 0,
        keyFrames: entry.keyFramesEncoded ?? 0,
      };
      add(totals.sent, entry.rid ?? '', stream, counted)['width'] = entry.frameWidth ?? 0;
    }
    const owner = entry.type === 'inbound-rtp' && owners.get(entry.trackIdentifier);
    if (!owner) return;
    if (entry.kind === 'video') {
      const frozen = (entry.totalFreezesDuration ?? 0) * 1000;
      const counted = { frames: entry.framesDecoded ?? 0, frozen };
      add(totals.pictures, owner, stream, counted)['width'] = entry.frameWidth ?? 0;
    } else {
      add(totals.voices, owner.replace(/:.*/, ''), stream, {
        packets: entry.packetsReceived ?? 0,
        lost: entry.packetsLost ?? 0,
        received: entry.totalSamplesReceived ?? 0,
        concealed: entry.concealedSamples ?? 0,
        silent: entry.silentConcealedSamples ?? 0,
      });
    }
  };

  const sample = async () => {
    for (const [index, connection] of connections.entries()) {
      if (connection.connectionState === 'closed') continue;
      (await connection.getStats()).forEach((entry) => {
        read(index, entry);
      });
    }
    samples.push({ at: Date.now(), ...structuredClone(totals) } as unknown as Sample);
    setTimeout(sample, sampleMs);
  };
  void sample();

  // A page of text: some columns and rows of characters of 12 px, each in a cell of its own.
  const [screenWidth, screenHeight] = [1920, 1080] as const;
  const cell = { width: 8, height: 16, left: 240 } as const;
  const [columns, rows] = [150, 66] as const;
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

  const characterAt = (page: number, row: number, column: number): string => {
    const hash = (number: number) => Math.imul(number ^ (number >>> 15), 2_654_435_761) >>> 0;
    const line = hash(page * 1009 + row);
    if (column >= 40 + (line % 80)) return ' ';
    const here = hash(line + column * 7919);
    return (here >>> 8) % 6 === 0 ? ' ' : (alphabet[(here >>> 16) % alphabet.length] ?? ' ');
  };

  const newCanvas = () => {
    const canvas = Object.assign(document.createElement('canvas'), {
      width: screenWidth,
      height: screenHeight,
    });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('the canvas has no context');
    context.textBaseline = 'top';
    context.font = '12px monospace';
    return { canvas, context };
  };

  const write = (context: CanvasRenderingContext2D, row: number, text: (column: number) => string) => {
    context.fillStyle = '#fff';
    context.fillRect(0, row * cell.height, screenWidth, cell.height);
    context.fillStyle = '#111';
    for (let column = 0; column < columns; column++)
      context.fillText(text(column), cell.left + column * cell.width, row * cell.height + 2);
  };

  let shown = 0;
  let turn = (_page: number) => {};

  /** A screen with text on which somebody types, five letters a second. */
  const screenOfText = (): MediaStreamTrack => {
    const { canvas, context } = newCanvas();
    turn = (page) => {
      shown = page;
      for (let row = 0; row < rows; row++) write(context, row, (column) => characterAt(page, row, column));
    };
    turn(1);
    let typed = 0;
    setInterval(() => {
      typed = (typed + 1) % columns;
      write(context, rows, (column) => (column <= typed ? characterAt(shown, rows, column % 40) : ' '));
    }, 200);
    const [track] = canvas.captureStream(5).getVideoTracks();
    if (!track) throw new Error('the canvas has no track');
    return track;
  };

  /** Brightness of a cell, as differences from its mean. */
  const relief = (image: ImageData, left: number, top: number): Float32Array => {
    const values = new Float32Array(cell.width * cell.height);
    let sum = 0;
    for (let at = 0; at < values.length; at++) {
      const [x, y] = [left + (at % cell.width), top + Math.floor(at / cell.width)];
      values[at] = image.data[(y * image.width + x) * 4 + 1] ?? 0;
      sum += values[at] ?? 0;
    }
    return values.map((value) => value - sum / values.length);
  };

  const likeness = (one: Float32Array, other: Float32Array): number => {
    let [product, ones, others] = [0, 0, 0];
    for (let at = 0; at < one.length; at++) {
      const [a = 0, b = 0] = [one[at], other[at]];
      product += a * b;
      ones += a * a;
      others += b * b;
    }
    return product / Math.sqrt(ones * others + 1);
  };

  /** Each character is taken for the one of the alphabet that it is most like. */
  const readShare = (image: ImageData, page: number): number => {
    const { context } = newCanvas();
    write(context, 0, (column) => alphabet[column] ?? ' ');
    const pattern = context.getImageData(0, 0, screenWidth, cell.height);
    const letters = [...alphabet].map((_letter, index) => relief(pattern, cell.left + index * cell.width, 0));
    let [all, right] = [0, 0];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const written = characterAt(page, row, column);
        if (written === ' ') continue;
        const seen = relief(image, cell.left + column * cell.width, row * cell.height);
        const alike = letters.map((letter) => likeness(letter, seen));
        const best = alike.indexOf(Math.max(...alike));
        all++;
        if (alphabet[best] === written) right++;
      }
    return right / all;
  };

  /** A chord of organ pipes whose loudness swells. */
  const chord = (): MediaStreamTrack => {
    const context = new AudioContext();
    const destination = context.createMediaStreamDestination();
    const swell = context.createGain();
    swell.gain.value = 0.2;
    swell.connect(destination);
    for (const frequency of [220, 277.2, 329.6, 440, 1108.7]) {
      const pipe = new OscillatorNode(context, { type: 'triangle', frequency });
      pipe.connect(swell);
      pipe.start();
    }
    const slow = new OscillatorNode(context, { frequency: 0.7 });
    slow.connect(new GainNode(context, { gain: 0.1 })).connect(swell.gain);
    slow.start();
    void context.resume();
    const [track] = destination.stream.getAudioTracks();
    if (!track) throw new Error('the chord has no track');
    return track;
  };

  let trtc: Trtc | undefined;
  const kit: Kit = {
    async enter(entry, watches) {
      const member = window.TRTC.create({ enableAutoPlayDialog: false });
      trtc = member;
      member.on('track', ({ userId, streamType, track }) => {
        if (userId) owners.set(track.id, `${userId}:${streamType}`);
      });
      member.on('remote-video-available', ({ userId, streamType }) => {
        if (!watches.includes(userId)) return;
        const key = `${userId}:${streamType}`;
        let view = views.get(key);
        if (!view) {
          view = document.createElement('div');
          view.style.cssText = 'width: 320px; height: 180px';
          document.body.append(view);
          views.set(key, view);
        }
        member
          .startRemoteVideo({ userId, streamType, view })
          .catch((error) => note(`startRemoteVideo: ${error}`));
      });
      member.on('connection-state-changed', ({ state }) => note(`state ${state}`));
      member.on('remote-user-exit', ({ userId, reason }) => note(`exit of ${userId}, ${reason}`));
      member.on('publish-state-changed', ({ slot, state, error }) => {
        note(`${slot} ${state}${error ? `: ${error}` : ''}`);
      });
      member.on('error', (error) => note(`out: ${error}`));
      member.on('kicked-out', ({ reason }) => note(`out: ${reason}`));
      await member.enterRoom(entry);
      note('entered');
    },

    async publish(source, sound) {
      if (!trtc) throw new Error('the member has not entered');
      if (sound !== 'none')
        await trtc.startLocalAudio(sound === 'music' ? { option: { audioTrack: chord() } } : {});
      if (source === 'screen') await trtc.startScreenShare({ option: { videoTrack: screenOfText() } });
      else if (source) await trtc.startLocalVideo({ option: { profile: profiles[source] } });
    },

    turnPage: (page) => turn(page),

    readable(picture, page) {
      const video = views.get(picture)?.querySelector('video');
      if (!video?.videoWidth) return 0;
      const { context } = newCanvas();
      context.drawImage(video, 0, 0, screenWidth, screenHeight);
      return readShare(context.getImageData(0, 0, screenWidth, screenHeight), page);
    },

    tape: () => ({ samples, incidents }),
  };
  Object.assign(window, { kit });
}
