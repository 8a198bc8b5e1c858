import { type RequestName, type RtpParameters, requests } from '@roomkey/protocol';
import { WireRefusal, WireSocket } from '@roomkey/testkit/disobedient';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { CallStage, expectHearing, workerPid } from './wire-call.fixture.ts';
import { valuesOf } from './wire-values.fixture.ts';

/*
 * Every request with values that its schema takes, against a whole server with a real worker, beside members who are honest.
 * ROOMKEY_FUZZ_RUNS says how many members try it, ROOMKEY_FUZZ_SEED repeats what an earlier run said that it tried.
 */

const numRuns = Number(process.env['ROOMKEY_FUZZ_RUNS'] ?? 200);
const seed = process.env['ROOMKEY_FUZZ_SEED'];

let stage: CallStage;
const uncaught: unknown[] = [];
const keep = (error: unknown) => void uncaught.push(error);

beforeEach(() => {
  stage = new CallStage();
  process.on('uncaughtException', keep);
  process.on('unhandledRejection', keep);
});

afterEach(async () => {
  await stage.close();
  process.off('uncaughtException', keep);
  process.off('unhandledRejection', keep);
});

/** Names in a request that stand for what the member has by then. */
type Stand = 'SEND' | 'RECV' | 'TRACK' | 'CONSUMER';

interface Wish {
  readonly name: RequestName;
  readonly params: object;
}

const extensions = ['mid', 'rtp-stream-id', 'repaired-rtp-stream-id'].map((name, index) => ({
  uri: `urn:ietf:params:rtp-hdrext:sdes:${name}`,
  id: 4 + index,
}));
const feedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }];
const codecs = {
  opus: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1 },
    },
  ],
  vp8: [
    { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {}, rtcpFeedback: feedback },
    rtx(97, 96),
  ],
  vp9: [
    { mimeType: 'video/VP9', payloadType: 98, clockRate: 90_000, parameters: { 'profile-id': 0 } },
    rtx(99, 98),
  ],
  h264: [
    {
      mimeType: 'video/H264',
      payloadType: 102,
      clockRate: 90_000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
    },
  ],
};

function rtx(payloadType: number, apt: number) {
  return { mimeType: 'video/rtx', payloadType, clockRate: 90_000, parameters: { apt } };
}

/** A track as an honest client describes it. */
function track(slot: string, sent: RtpParameters['codecs'], encodings: RtpParameters['encodings']) {
  const rtpParameters = {
    mid: slot,
    codecs: sent,
    headerExtensions: extensions,
    encodings,
    rtcp: { cname: 'c' },
  };
  return { transportId: 'SEND', slot, rtpParameters, muted: false };
}

/** What honest clients send, by request; the tickets of `enter` are put in later. */
function usual(name: RequestName): object[] {
  const ids = {
    transportId: 'RECV',
    trackId: 'TRACK',
    consumerId: 'CONSUMER',
    secret: 'none',
    memberId: 'nobody',
  };
  const fingerprint = { algorithm: 'sha-256', value: Array(32).fill('AB').join(':') };
  const dtlsParameters = { role: 'client', fingerprints: [fingerprint] };
  const common = {
    ...ids,
    dtlsParameters,
    userId: 'ana',
    slot: 'microphone',
    direction: 'send',
    muted: true,
  };
  if (name !== 'publish')
    return [
      { ...common, role: 'anchor', authBits: -1 },
      { ...common, transportId: 'SEND' },
    ];
  return [
    track('microphone', codecs.opus, [{ ssrc: 11, dtx: true, maxBitrate: 40_000 }]),
    track('camera', codecs.vp8, [
      { rid: 'r0', maxBitrate: 100_000, scalabilityMode: 'L1T3' },
      { rid: 'r1' },
      { rid: 'r2' },
    ]),
    track('camera', codecs.vp8, [
      { ssrc: 21, rtx: { ssrc: 22 } },
      { ssrc: 23, rtx: { ssrc: 24 } },
    ]),
    track('screen', codecs.vp9, [
      { ssrc: 31, rtx: { ssrc: 32 }, scalabilityMode: 'L3T3_KEY', codecPayloadType: 98 },
    ]),
    track('screen', codecs.h264, [{ ssrc: 41, maxBitrate: 4_000_000 }]),
    track('screenAudio', codecs.opus, [{ ssrc: 51 }]),
  ];
}

/** Parameters of a request that its schema takes. */
function taken(name: RequestName, honest: object): fc.Arbitrary<object> {
  const schema = requests[name].params;
  const values = valuesOf(z.toJSONSchema(schema, { io: 'input' }), honest) as fc.Arbitrary<object>;
  return values.filter((params) => schema.safeParse(JSON.parse(JSON.stringify(params))).success);
}

const names = (Object.keys(requests) as RequestName[]).filter((name) => name !== 'exit' && name !== 'enter');
/** Each request with what an honest client sends and what is like it; made once, because that takes long. */
const wishes = new Map(
  names.map((name) => {
    const like = usual(name).map((honest) => taken(name, honest).map((params): Wish => ({ name, params })));
    return [name, fc.oneof(...like)] as const;
  }),
);
const publishing = wishes.get('publish') ?? fc.constant({ name: 'publish' as const, params: {} });
const wish = fc.oneof(
  { weight: 3, arbitrary: publishing },
  { weight: 4, arbitrary: fc.oneof(...wishes.values()) },
);

const visit = (enter: object) =>
  fc.record({
    entry: taken('enter', enter),
    wishes: fc.array(wish, { minLength: 4, maxLength: 10 }),
    together: fc.boolean(),
  });

/** A member that sends whatever it is told to. */
class Stranger {
  readonly wire: WireSocket;
  /** How each request ended: `ok`, or the name of its refusal. */
  readonly outcomes: string[] = [];
  readonly #ids: Partial<Record<Stand, string>> = {};

  constructor(wire: WireSocket) {
    this.wire = wire;
    wire.onNotice = (notice) => {
      if (notice.method === 'consumerOpened') this.#ids.CONSUMER = notice.params.consumerId;
    };
  }

  async ask(name: RequestName, params: object): Promise<boolean> {
    const text = JSON.stringify(params).replaceAll(/"(SEND|RECV|TRACK|CONSUMER)"/g, (whole, stand: Stand) =>
      this.#ids[stand] ? JSON.stringify(this.#ids[stand]) : whole,
    );
    try {
      const answer: object = await this.wire.ask(name, JSON.parse(text));
      if ('transportId' in answer && 'direction' in answer)
        this.#ids[answer.direction === 'send' ? 'SEND' : 'RECV'] = String(answer.transportId);
      if ('trackId' in answer) this.#ids.TRACK = String(answer.trackId);
      this.outcomes.push(`${name}: ok`);
      return true;
    } catch (error) {
      this.outcomes.push(`${name}: ${error instanceof WireRefusal ? error.refusal : error}`);
      return false;
    }
  }
}

test('whatever a member sends that the schemas take, the process, its worker and the others live', async () => {
  const { ana, bob } = await stage.call();
  const pid = workerPid();
  const { userSig, ...key } = stage.tickets('mallory');
  const { rtpCapabilities } = await ana.wire.notice('welcome');
  const honest = { userSig, ...key, rtpCapabilities, scene: 'rtc', role: 'anchor' };
  // Receives everything that anybody publishes.
  const carol = await WireSocket.open(stage.socketUrl);
  const opened: string[] = [];
  carol.onNotice = ({ method, params }) => {
    if (method === 'consumerOpened' && params.userId === 'mallory') opened.push(params.kind);
  };
  await carol.ask('enter', {
    ...stage.tickets('carol'),
    rtpCapabilities,
    autoReceive: { audio: true, video: true },
  });
  const { transportId } = await carol.ask('openTransport', { direction: 'recv' });

  const outcomes = new Map<string, number>();
  const property = fc.asyncProperty(visit(honest), async ({ entry, wishes, together }) => {
    const stranger = new Stranger(await WireSocket.open(stage.socketUrl));
    try {
      if (!(await stranger.ask('enter', entry))) await stranger.ask('enter', honest);
      for (const direction of ['send', 'recv']) await stranger.ask('openTransport', { direction });
      const asked = wishes.map(
        ({ name, params }) =>
          async () =>
            stranger.ask(name, params),
      );
      if (together) await Promise.all(asked.map((ask) => ask()));
      else for (const ask of asked) await ask();
      await carol.ask('restartIce', { transportId });
    } finally {
      stranger.wire.break();
      for (const outcome of stranger.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(uncaught).toEqual([]);
    expect(workerPid()).toBe(pid);
    // What is replaced while it is being opened is `mediaUnavailable`; that the engine works is known from the others.
    const faults = stranger.outcomes.filter((outcome) =>
      / (internal|noAnswer|connectionLost|.*Error.*)$/.test(outcome),
    );
    expect(faults).toEqual([]);
  });
  await fc.assert(property, {
    numRuns,
    endOnFailure: true,
    ...(seed !== undefined && { seed: Number(seed) }),
  });

  await expectHearing(ana);
  await expectHearing(bob);
  for (const { wire } of [ana, bob])
    expect(wire.said.some(({ method }) => method === 'mediaLost')).toBe(false);
  carol.break();
  // It has got as far as the engine, on both sides of it.
  const known = Object.fromEntries(outcomes);
  expect(known['publish: ok'], JSON.stringify(known)).toBeGreaterThan(numRuns / 4);
  for (const outcome of ['publish: rtpParametersInvalid', 'connectTransport: ok', 'consumerReady: ok'])
    expect(known[outcome], JSON.stringify(known)).toBeGreaterThan(0);
  expect(opened).toEqual(expect.arrayContaining(['audio', 'video']));
}, 3_600_000);
