import {
  decodeMessage,
  type ErrorName,
  type ExplanationWire,
  encodeError,
  encodeNotice,
  encodeResult,
  type MemberWire,
  type NoticeName,
  type NoticeParams,
  type Params,
  type RefusalData,
  type RequestName,
  type Result,
  type RtpCapabilities,
  type RtpParameters,
  ServiceError,
} from '@roomkey/protocol';
import {
  generateConsumerRemoteParameters,
  generateLocalDtlsParameters,
  generateRouterRtpCapabilities,
} from 'mediasoup-client/fakeParameters';
import type { Slot } from '../events/events.ts';
import type { Socket, SocketEvents } from '../platform/platform.ts';

/** A request as it came. */
export type Asked = { [N in RequestName]: { readonly method: N; readonly params: Params<N> } }[RequestName];

const operand = { bits: 255, cause: 'key', actor: { type: 'user', id: 'ana' } as const, since: 0 };
const nothing = { bits: 0, cause: 'none', actor: { type: 'system' } as const, since: 0 };

/** What a member of all rights is told. */
export const allRights: ExplanationWire = {
  effective: 255,
  operands: {
    held: operand,
    role: operand,
    authority: operand,
    denied: nothing,
    lapsed: nothing,
    capped: nothing,
  },
  cleared: [],
};

/** What a member is told whose key holds `effective` only, and so not `permission`. */
export const explained = (
  effective: number,
  permission: ExplanationWire['cleared'][number]['permission'],
): ExplanationWire => ({
  effective,
  operands: { ...allRights.operands, held: { ...operand, bits: effective } },
  cleared: [
    {
      permission,
      operand: 'held',
      cause: 'privateMapKey',
      actor: { type: 'user', id: 'ana' } as const,
      since: 0,
    },
  ],
});

/** A server that does what the test says, and otherwise agrees to everything. */
export class ScriptedServer {
  /** Every request since the start, in order. */
  readonly asked: Asked[] = [];
  readonly urls: string[] = [];
  /** Who is inside for the next entry. */
  members: MemberWire[] = [];
  /** What the next entry or change of permissions is answered with. */
  explanation = allRights;
  /** How long seats are kept. */
  seatSeconds = 0;
  /** Requests that are done, and whose answer is lost. */
  readonly lostAnswers = new Set<RequestName>();
  /** What the next resume is answered with, in the place of what the server knows. */
  resumeWith: Partial<Result<'resume'>> = {};
  /** With what code each socket was closed by the client. */
  readonly closes: (number | undefined)[] = [];
  /** Requests that get no answer. */
  readonly silent = new Set<RequestName>();
  /** The server does not even take connections. */
  down = false;
  /** Nothing reaches the server, and nothing comes from it. */
  lost = false;
  limits = {
    requestsPerSecond: 1000,
    changesPerSecond: 1000 as number | undefined,
    pendingRequests: 1000,
  };
  recvTransportId = '';
  #refusals: { readonly method: RequestName; readonly error: ServiceError }[] = [];
  #transports: Result<'resume'>['transports'] = [];
  #tracks: Result<'resume'>['tracks'] = [];
  #consumers: Result<'resume'>['consumers'] = [];
  #role: Params<'enter'>['role'] = 'anchor';
  #sockets: SocketEvents[] = [];
  #lastId = 0;

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.length;
  }

  readonly openSocket = (url: string, events: SocketEvents): Socket => {
    this.urls.push(url);
    if (this.down) {
      queueMicrotask(() => events.onClose());
      return { send: () => {}, close: () => {} };
    }
    this.#sockets.push(events);
    queueMicrotask(() => {
      if (!this.#sockets.includes(events) || this.lost) return;
      events.onOpen();
      this.#welcome(events);
    });
    return {
      send: (text) => this.#read(events, text),
      close: (code) => {
        this.closes.push(code);
        this.#sockets = this.#sockets.filter((open) => open !== events);
      },
    };
  };

  /** The next request of this name is refused. */
  refuse(method: RequestName, code: ErrorName, data: RefusalData = {}): void {
    this.#refusals.push({ method, error: new ServiceError(code, undefined, { data }) });
  }

  notify<N extends NoticeName>(method: N, params: NoticeParams<N>): void {
    for (const socket of this.#sockets) socket.onMessage(encodeNotice(method, params));
  }

  /** A track of another member can be received. */
  offer(userId: string, slot: Slot, consumerId: string): void {
    const kind = slot === 'camera' || slot === 'screen' ? 'video' : 'audio';
    const codecMimeType = kind === 'video' ? 'video/VP8' : 'audio/opus';
    const { rtpParameters } = generateConsumerRemoteParameters({ codecMimeType });
    const consumer = {
      consumerId,
      transportId: this.recvTransportId,
      trackId: `${userId}-${slot}`,
      kind,
      rtpParameters: rtpParameters as RtpParameters,
      userId,
      slot,
    } as const;
    this.#consumers = [...this.#consumers, { ...consumer, ready: false }];
    this.notify('consumerOpened', consumer);
  }

  /** A track of another member cannot be received any more; the client is told if it has a connection. */
  close(consumerId: string): void {
    const closed = this.#consumers.find((consumer) => consumer.consumerId === consumerId);
    if (!closed) throw new Error(`There is no consumer ${consumerId}.`);
    this.#consumers = this.#consumers.filter((consumer) => consumer !== closed);
    this.notify('consumerClosed', { consumerId, userId: closed.userId, slot: closed.slot });
  }

  /** A picture does not fit through the link, or fits again; the client is told if it has a connection. */
  wait(consumerId: string, waiting: boolean): void {
    this.#consumers = this.#consumers.map((each) =>
      each.consumerId === consumerId ? { ...each, waiting } : each,
    );
    const about = this.#consumers.find((each) => each.consumerId === consumerId);
    if (about)
      this.notify('consumerWaiting', { consumerId, userId: about.userId, slot: about.slot, waiting });
  }

  /** What the client has published, as the server knows it. */
  get tracks(): Result<'resume'>['tracks'] {
    return this.#tracks;
  }

  /** A media worker dies: nothing is left, and the client is told if it has a connection. */
  loseMedia(): void {
    this.#transports = [];
    this.#consumers = [];
    this.#tracks = this.#tracks.map((track) => ({ ...track, lost: true }));
    this.notify('mediaLost', { trackIds: this.#tracks.map(({ trackId }) => trackId) });
  }

  /** Every connection breaks. */
  drop(): void {
    const sockets = this.#sockets;
    this.#sockets = [];
    for (const socket of sockets) socket.onClose();
  }

  /** The requests of one name since the start. */
  askedFor<N extends RequestName>(method: N): Params<N>[] {
    return this.asked.filter((asked) => asked.method === method).map(({ params }) => params as Params<N>);
  }

  #welcome(events: SocketEvents): void {
    const limits = { maxMessageBytes: 65_536, enterSeconds: 10, pingSeconds: 10, ...this.limits };
    const rtpCapabilities = generateRouterRtpCapabilities() as RtpCapabilities;
    events.onMessage(encodeNotice('welcome', { protocol: 1, server: 'scripted', rtpCapabilities, limits }));
  }

  #read(events: SocketEvents, text: string): void {
    const message = decodeMessage(text);
    if (this.lost) return;
    if (message.type !== 'request') throw new Error('The client sent something that is no request.');
    const asked = { method: message.method, params: message.params } as Asked;
    this.asked.push(asked);
    if (this.silent.has(asked.method)) return;
    queueMicrotask(() => {
      if (!this.#sockets.includes(events) || this.lost) return;
      const answer = this.#answer(message.id, asked);
      if (!this.lostAnswers.has(asked.method)) events.onMessage(answer);
    });
  }

  #seated(): Result<'enter'> {
    return {
      memberId: 'me',
      explanation: this.explanation,
      members: this.members,
      seq: 0,
      resume: { secret: `secret-${this.#lastId}`, seconds: this.seatSeconds },
    };
  }

  #answer(id: string | number, asked: Asked): string {
    const index = this.#refusals.findIndex(({ method }) => method === asked.method);
    const [refusal] = index < 0 ? [] : this.#refusals.splice(index, 1);
    if (refusal) return encodeError(id, refusal.error);
    return encodeResult(id, this.#result(asked));
  }

  #result({ method, params }: Asked): object {
    this.#lastId += 1;
    switch (method) {
      case 'enter':
        this.#transports = [];
        this.#tracks = [];
        this.#consumers = [];
        this.#role = params.role;
        return this.#seated();
      case 'resume':
        return {
          ...this.#seated(),
          role: this.#role,
          transports: this.#transports,
          tracks: this.#tracks,
          closed: [],
          consumers: this.#consumers,
          ...this.resumeWith,
        };
      case 'connectTransport':
        this.#transports = this.#transports.map((each) =>
          each.transportId === params.transportId ? { ...each, connected: true } : each,
        );
        return {};
      case 'consumerReady':
        this.#consumers = this.#consumers.map((each) =>
          each.consumerId === params.consumerId ? { ...each, ready: true } : each,
        );
        return {};
      case 'unpublish':
        this.#tracks = this.#tracks.filter(({ trackId }) => trackId !== params.trackId);
        return {};
      case 'setMuted':
        this.#tracks = this.#tracks.map((each) =>
          each.trackId === params.trackId ? { ...each, muted: params.muted } : each,
        );
        return {};
      case 'switchRole':
        this.#role = params.role;
        return { explanation: this.explanation };
      case 'updatePrivateMapKey':
      case 'changeAuthority':
        return { explanation: this.explanation };
      case 'openTransport': {
        const transportId = `${params.direction}-${this.#lastId}`;
        if (params.direction === 'recv') this.recvTransportId = transportId;
        const others = this.#transports.filter(({ direction }) => direction !== params.direction);
        this.#transports = [...others, { transportId, direction: params.direction, connected: false }];
        return { transportId, direction: params.direction, ...transport };
      }
      case 'restartIce':
        return { iceParameters: transport.iceParameters };
      case 'publish': {
        const { slot, muted, trackId = `track-${this.#lastId}` } = params;
        const others = this.#tracks.filter((track) => track.slot !== slot);
        this.#tracks = [...others, { trackId, slot, muted, lost: false }];
        return { trackId };
      }
      default:
        return {};
    }
  }
}

const transport = {
  iceParameters: { usernameFragment: 'ufrag', password: 'password', iceLite: true },
  iceCandidates: [],
  dtlsParameters: generateLocalDtlsParameters(),
};
