import { type ClientLimits, type ErrorName, encodeRequest, type Params } from '@roomkey/protocol';
import { FakeClock, FakeHome, settled } from '@roomkey/testkit';
import { pino } from 'pino';
import { LogSampler } from '../log-sampler.ts';
import type { Channel } from './channel.ts';
import type { CloseCause } from './close-causes.ts';
import { Connection } from './connection.ts';

const limits: ClientLimits = {
  maxMessageBytes: 65_536,
  requestsPerSecond: 10,
  changesPerSecond: 1000,
  pendingRequests: 4,
  enterSeconds: 10,
  pingSeconds: 5,
};
export const enterParams: Params<'enter'> = {
  sdkAppId: 1,
  userId: 'ana',
  userSig: 'x',
  scene: 'rtc',
  role: 'anchor',
  autoReceive: { audio: true, video: false },
};
export const resumeParams: Params<'resume'> = {
  sdkAppId: 1,
  roomId: 7,
  memberId: 'member-1',
  secret: '1.secret',
};
export const subscribed = { userId: 'bob', slot: 'camera' };

class FakeChannel implements Channel {
  readonly sent: {
    id?: unknown;
    method?: string;
    result?: unknown;
    error?: { data: { name: ErrorName } };
  }[] = [];
  backlog = 0;
  pings = 0;
  ending: { code: number } | 'terminated' | undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  ping(): void {
    this.pings += 1;
  }
  close(code: number): void {
    this.ending = { code };
  }
  terminate(): void {
    this.ending = 'terminated';
  }
}

/** A connection over a channel that keeps what was sent, to a home that admits everybody. */
export function connect(given: Partial<ClientLimits> = {}) {
  const clock = new FakeClock();
  const home = new FakeHome();
  const channel = new FakeChannel();
  const closed: CloseCause[] = [];
  const answered: string[] = [];
  const logged: string[] = [];
  const connection = new Connection(
    channel,
    { enters() {}, notEntered() {}, entered() {}, closes() {} },
    {
      home,
      clock,
      limits: { ...limits, ...given },
      monotonicNow: () => clock.now(),
      welcome: '{"method":"welcome"}',
      maxBacklogBytes: 10_000,
      observer: {
        connected() {},
        disconnected: (cause) => closed.push(cause),
        turnedAway() {},
        answered: (method, _seconds, error) => answered.push(`${method}:${error ?? 'ok'}`),
      },
      faults: new LogSampler(),
      log: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }),
    },
  );
  let id = 0;
  const ask = (method: string, params: object = {}): number => {
    connection.received(encodeRequest(++id, method, params));
    return id;
  };
  /** What the client got for a request: `ok`, the name of the refusal, or nothing yet. */
  const outcome = (asked: number | null): string | undefined => {
    const answer = channel.sent.find((message) => message.id === asked);
    return answer && (answer.error?.data.name ?? 'ok');
  };
  const enter = async () => {
    const asked = ask('enter', enterParams);
    await settled();
    return asked;
  };
  return { clock, home, channel, connection, closed, answered, logged, ask, enter, outcome };
}

/** A promise that a test settles when it likes. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
