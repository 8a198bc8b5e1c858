import type { Params, RequestName, Result } from '@roomkey/protocol';
import type { Home, MemberLink, Seat } from '@roomkey/server/ports';

type Action = Exclude<RequestName, 'enter' | 'resume'>;
type Entry = Params<'enter'> | Params<'resume'>;
type Answers = { readonly [N in Action]: (params: Params<N>) => Result<N> | Promise<Result<N>> };
type Call = { [N in Action]: { readonly name: N; readonly params: Params<N> } }[Action];

const operand = { bits: 255, cause: 'ticket', actor: { type: 'user', id: 'member' } as const, since: 0 };

/** The answer of an entry that holds every bit and finds nobody inside. */
export const plainEntry: Result<'enter'> = {
  memberId: 'member-1',
  explanation: {
    effective: 255,
    operands: {
      held: operand,
      role: operand,
      authority: operand,
      denied: { ...operand, bits: 0 },
      lapsed: { ...operand, bits: 0 },
      capped: { ...operand, bits: 0 },
    },
    cleared: [],
  },
  members: [],
  seq: 0,
  resume: { secret: '1.secret', seconds: 30 },
};

/** The answer of a resume to the same. */
export const plainResume: Result<'resume'> = {
  ...plainEntry,
  resume: { secret: '2.secret', seconds: 30 },
  role: 'anchor',
  transports: [],
  tracks: [],
  closed: [],
  consumers: [],
};

/** The ICE password in every answer of a fake seat. */
export const fakeIcePassword = 'icepasswordoftheserverxxxxxxxxxx';

const iceParameters = { usernameFragment: 'ufrag', password: fakeIcePassword, iceLite: true };

const plainAnswers: Answers = {
  openTransport: ({ direction }) => ({
    transportId: `${direction}-1`,
    direction,
    iceParameters,
    iceCandidates: [],
    dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] },
  }),
  connectTransport: () => ({}),
  restartIce: () => ({ iceParameters }),
  publish: ({ slot }) => ({ trackId: `${slot}-1` }),
  setMuted: () => ({}),
  unpublish: () => ({}),
  subscribe: () => ({}),
  unsubscribe: () => ({}),
  consumerReady: () => ({}),
  confirmResume: () => ({}),
  switchRole: () => ({ explanation: plainEntry.explanation }),
  updatePrivateMapKey: () => ({ explanation: plainEntry.explanation }),
  changeAuthority: () => ({ explanation: plainEntry.explanation }),
  exit: () => ({}),
};

/** A seat that keeps what it was asked. */
export class FakeSeat implements Seat {
  readonly request: Entry;
  readonly link: MemberLink;
  readonly calls: Call[] = [];
  /** How the connection was lost, each time. */
  readonly drops: ('lost' | 'left')[] = [];
  readonly #answers: () => Answers;

  constructor(request: Entry, link: MemberLink, answers: () => Answers) {
    this.request = request;
    this.link = link;
    this.#answers = answers;
  }

  openTransport = (params: Params<'openTransport'>) => this.#asked('openTransport', params);
  connectTransport = (params: Params<'connectTransport'>) => this.#asked('connectTransport', params);
  restartIce = (params: Params<'restartIce'>) => this.#asked('restartIce', params);
  publish = (params: Params<'publish'>) => this.#asked('publish', params);
  setMuted = (params: Params<'setMuted'>) => this.#asked('setMuted', params);
  unpublish = (params: Params<'unpublish'>) => this.#asked('unpublish', params);
  subscribe = (params: Params<'subscribe'>) => this.#asked('subscribe', params);
  unsubscribe = (params: Params<'unsubscribe'>) => this.#asked('unsubscribe', params);
  consumerReady = (params: Params<'consumerReady'>) => this.#asked('consumerReady', params);
  switchRole = (params: Params<'switchRole'>) => this.#asked('switchRole', params);
  updatePrivateMapKey = (params: Params<'updatePrivateMapKey'>) => this.#asked('updatePrivateMapKey', params);
  changeAuthority = (params: Params<'changeAuthority'>) => this.#asked('changeAuthority', params);
  confirmResume = (params: Params<'confirmResume'>) => this.#asked('confirmResume', params);
  exit = (params: Params<'exit'>) => this.#asked('exit', params);

  dropped(how: 'lost' | 'left'): void {
    this.drops.push(how);
  }

  async #asked<N extends Action>(name: N, params: Params<N>): Promise<Result<N>> {
    this.calls.push({ name, params } as Call);
    const answer = this.#answers()[name] as (params: Params<N>) => Result<N> | Promise<Result<N>>;
    return answer(params);
  }
}

/** A home that admits everybody, unless a test says otherwise. */
export class FakeHome implements Home {
  /** One per accepted entry or resume, in order. */
  readonly seats: FakeSeat[] = [];
  /** Runs before an entry is accepted: throw to refuse it, wait to hold it up, tell its link something. */
  onEnter: (request: Params<'enter'>, link: MemberLink) => void | Promise<void> = () => {};
  /** The same, before a resume is accepted. */
  onResume: (request: Params<'resume'>, link: MemberLink) => void | Promise<void> = () => {};
  /** What an entry is answered with. */
  entry: Result<'enter'> = plainEntry;
  #answers: Answers = plainAnswers;

  /** The seat of the newest entry. */
  get seat(): FakeSeat {
    const seat = this.seats.at(-1);
    if (!seat) throw new Error('Nobody has entered.');
    return seat;
  }

  /** Replaces what seats answer. */
  answer(answers: Partial<Answers>): void {
    this.#answers = { ...this.#answers, ...answers };
  }

  async enter(request: Params<'enter'>, link: MemberLink) {
    await this.onEnter(request, link);
    return { seat: this.#seat(request, link), result: this.entry };
  }

  async resume(request: Params<'resume'>, link: MemberLink) {
    await this.onResume(request, link);
    return { seat: this.#seat(request, link), result: plainResume };
  }

  #seat(request: Entry, link: MemberLink): FakeSeat {
    const seat = new FakeSeat(request, link, () => this.#answers);
    this.seats.push(seat);
    return seat;
  }
}
