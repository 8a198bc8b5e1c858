/** What a member's browser has counted up to one moment. Counters go on when a track comes back as another one. */
export interface Sample {
  /** Unix milliseconds. */
  readonly at: number;
  /** Pictures that the member watches, by `USER:main` (the camera) or `USER:sub` (the screen). */
  readonly pictures: Readonly<Record<string, Picture>>;
  /** Voices that the member hears, by user. */
  readonly voices: Readonly<Record<string, Voice>>;
  /** Encodings of the picture that the member sends, by their id; the only one has none. */
  readonly sent: Readonly<Record<string, SentPicture>>;
}

interface Picture {
  readonly frames: number;
  /** Of the last frame. */
  readonly width: number;
  /** Milliseconds in freezes that are over. */
  readonly frozen: number;
}

interface Voice {
  readonly packets: number;
  readonly lost: number;
  /** The rest is in samples of sound. */
  readonly received: number;
  readonly concealed: number;
  readonly silent: number;
}

interface SentPicture {
  readonly frames: number;
  readonly width: number;
  readonly bytes: number;
  readonly keyFrames: number;
}

/** Something that happened to a member, for whoever looks for a cause. */
export interface Incident {
  readonly at: number;
  readonly what: string;
}

/** Everything that a page has noted. */
export interface Tape {
  readonly samples: readonly Sample[];
  readonly incidents: readonly Incident[];
}
