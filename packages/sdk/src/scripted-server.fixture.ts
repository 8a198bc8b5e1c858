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
import type { Slot } from './events.ts';
import type { Socket, SocketEvents } from './platform.ts';

/** A request as it came. */
export type Asked = { [N in RequestName]: { readonly method: N; readonly params: Params<N> } }[RequestName];

const operand = { bits: 255, cause: 'key', actor: 'ticket', since: 0 };
const nothing = { bits: 0, cause: 'none', actor: 'server', since: 0 };

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
  cleared: [{ permission, operand: 'held', cause: 'privateMapKey', actor: 'ana', since: 0 }],
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
  /** Requests that get no answer. */
  readonly silent = new Set<RequestName>();
  /** The server does not even take connections. */
  down = false;
  limits = { requestsPerSecond: 1000, pendingRequests: 1000 };
  recvTransportId = '';
  #refusals: { readonly method: RequestName; readonly code: ErrorName }[] = [];
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
    queueMicrotask(() => this.#welcome(events));
    return {
      send: (text) => this.#read(events, text),
      close: () => {
        this.#sockets = this.#sockets.filter((open) => open !== events);
      },
    };
  };

  /** The next request of this name is refused. */
  refuse(method: RequestName, code: ErrorName): void {
    this.#refusals.push({ method, code });
  }

  notify<N extends NoticeName>(method: N, params: NoticeParams<N>): void {
    for (const socket of this.#sockets) socket.onMessage(encodeNotice(method, params));
  }

  /** A track of another member can be received. */
  offer(userId: string, slot: Slot, consumerId: string): void {
    const kind = slot === 'camera' || slot === 'screen' ? 'video' : 'audio';
    const codecMimeType = kind === 'video' ? 'video/VP8' : 'audio/opus';
    const { rtpParameters } = generateConsumerRemoteParameters({ codecMimeType });
    this.notify('consumerOpened', {
      consumerId,
      transportId: this.recvTransportId,
      trackId: `${userId}-${slot}`,
      kind,
      rtpParameters: rtpParameters as RtpParameters,
      userId,
      slot,
    });
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
    if (message.type !== 'request') throw new Error('The client sent something that is no request.');
    const asked = { method: message.method, params: message.params } as Asked;
    this.asked.push(asked);
    if (this.silent.has(asked.method)) return;
    queueMicrotask(() => {
      if (this.#sockets.includes(events)) events.onMessage(this.#answer(message.id, asked));
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
    if (refusal) return encodeError(id, new ServiceError(refusal.code));
    return encodeResult(id, this.#result(asked));
  }

  #result({ method, params }: Asked): object {
    this.#lastId += 1;
    switch (method) {
      case 'enter':
        return this.#seated();
      case 'switchRole':
      case 'updatePrivateMapKey':
      case 'changeAuthority':
        return { explanation: this.explanation };
      case 'openTransport': {
        const transportId = `${params.direction}-${this.#lastId}`;
        if (params.direction === 'recv') this.recvTransportId = transportId;
        return { transportId, direction: params.direction, ...transport };
      }
      case 'restartIce':
        return { iceParameters: transport.iceParameters };
      case 'publish':
        return { trackId: params.trackId ?? `track-${this.#lastId}` };
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
