/** What this client uses of the protocol, as docs/protocol.md describes it. */

export type Kind = 'audio' | 'video';
export type Slot = 'microphone' | 'camera' | 'screen' | 'screenAudio';

export interface Codec {
  readonly mimeType: string;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels?: number;
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>>;
  readonly rtcpFeedback?: readonly { readonly type: string; readonly parameter?: string }[];
}

export interface RtpParameters {
  readonly mid?: string;
  readonly codecs: readonly Codec[];
  readonly headerExtensions?: readonly { readonly uri: string; readonly id: number }[];
  readonly encodings: readonly { readonly ssrc?: number; readonly rtx?: { readonly ssrc: number } }[];
  readonly rtcp?: { readonly cname?: string; readonly reducedSize?: boolean };
}

export interface RtpCapabilities {
  readonly codecs: readonly (Omit<Codec, 'payloadType'> & {
    readonly kind: Kind;
    readonly preferredPayloadType?: number;
  })[];
  readonly headerExtensions?: readonly {
    readonly kind: Kind;
    readonly uri: string;
    readonly preferredId: number;
  }[];
}

export interface DtlsParameters {
  readonly role?: 'auto' | 'client' | 'server';
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
}

export interface Transport {
  readonly transportId: string;
  readonly iceParameters: { readonly usernameFragment: string; readonly password: string };
  readonly iceCandidates: readonly {
    readonly foundation: string;
    readonly priority: number;
    readonly address: string;
    readonly protocol: 'udp' | 'tcp';
    readonly port: number;
    readonly type: 'host';
    readonly tcpType?: 'passive';
  }[];
  readonly dtlsParameters: DtlsParameters;
}

export interface Entry {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly userSig: string;
  readonly privateMapKey?: string;
  readonly roomId?: number;
  readonly strRoomId?: string;
  readonly scene?: 'rtc' | 'live';
  readonly role?: 'anchor' | 'audience';
  /** What to ask for of what the PrivateMapKey holds; -1, the default, asks for all. */
  readonly authBits?: number;
}

/** Every request this client makes. */
export interface Requests {
  enter: {
    params: Entry & {
      rtpCapabilities: RtpCapabilities;
      autoReceive: { audio: boolean; video: boolean };
    };
    result: { memberId: string; members: { userId: string }[]; explanation: { effective: number } };
  };
  openTransport: { params: { direction: 'send' | 'recv' }; result: Transport };
  connectTransport: { params: { transportId: string; dtlsParameters: DtlsParameters }; result: object };
  publish: {
    params: { transportId: string; slot: Slot; rtpParameters: RtpParameters };
    result: { trackId: string };
  };
  unpublish: { params: { trackId: string }; result: object };
  changeAuthority: {
    params: { authBits: number; privateMapKey: string };
    result: { explanation: { effective: number } };
  };
  consumerReady: { params: { consumerId: string }; result: object };
  exit: { params: object; result: object };
}

/** Every notice this client listens to. */
export interface Notices {
  welcome: { protocol: number; server: string; rtpCapabilities: RtpCapabilities };
  memberEntered: { member: { userId: string } };
  memberLeft: { userId: string; reason: string };
  consumerOpened: {
    consumerId: string;
    userId: string;
    slot: Slot;
    kind: Kind;
    rtpParameters: RtpParameters;
  };
  consumerClosed: { consumerId: string };
  trackClosed: { slot: Slot; cause: string; message: string };
  mediaLost: object;
  removed: { reason: string };
}
