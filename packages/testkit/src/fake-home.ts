import type { Params, RequestName, Result } from '@roomkey/protocol';
import type { Home, MemberLink, Seat } from '@roomkey/server/rooms';

type Action = Exclude<RequestName, 'enter'>;
type Answers = { readonly [N in Action]: (params: Params<N>) => Result<N> | Promise<Result<N>> };
type Call = { [N in Action]: { readonly name: N; readonly params: Params<N> } }[Action];

const operand = { bits: 255, cause: 'ticket', actor: 'member', since: 0 };

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
  switchRole: () => ({ explanation: plainEntry.explanation }),
  updatePrivateMapKey: () => ({ explanation: plainEntry.explanation }),
  changeAuthority: () => ({ explanation: plainEntry.explanation }),
  exit: () => ({}),
};

/** A seat that keeps what it was asked. */
export class FakeSeat implements Seat {
  readonly request: Params<'enter'>;
  readonly link: MemberLink;
  readonly calls: Call[] = [];
  drops = 0;
  readonly #answers: () => Answers;

  constructor(request: Params<'enter'>, link: MemberLink, answers: () => Answers) {
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
  exit = (params: Params<'exit'>) => this.#asked('exit', params);

  dropped(): void {
    this.drops += 1;
  }

  async #asked<N extends Action>(name: N, params: Params<N>): Promise<Result<N>> {
    this.calls.push({ name, params } as Call);
    const answer = this.#answers()[name] as (params: Params<N>) => Result<N> | Promise<Result<N>>;
    return answer(params);
  }
}

/** A home that admits everybody, unless a test says otherwise. */
export class FakeHome implements Home {
  /** One per accepted entry, in order. */
  readonly seats: FakeSeat[] = [];
  /** Runs before an entry is accepted: throw to refuse it, wait to hold it up, tell its link something. */
  onEnter: (request: Params<'enter'>, link: MemberLink) => void | Promise<void> = () => {};
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
    const seat = new FakeSeat(request, link, () => this.#answers);
    this.seats.push(seat);
    return { seat, result: plainEntry };
  }
}
