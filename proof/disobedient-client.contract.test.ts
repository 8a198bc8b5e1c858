import { Pump } from '@roomkey/testkit/disobedient';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FlowWindow, LackingWindow } from './flow-window.ts';
import { ProofServer } from './proof-server.ts';
import { controlOf, Stage, type World } from './stage.ts';
import { Subject } from './subject.ts';

let world: World;

beforeAll(async () => {
  world = {
    server: await ProofServer.start({ workerBin: process.env['ROOMKEY_WORKER_BIN'] }),
    pump: new Pump(),
  };
});

afterAll(async () => {
  world.pump.close();
  await world.server.close();
});

async function onStage() {
  const stage = await Stage.open(world);
  return { stage, subject: new Subject(stage) };
}

test('packets that arrive with an SSRC that nobody announced are counted as such', async () => {
  const { stage, subject } = await onStage();
  await subject.enter(255);
  await subject.settle();
  const heard = new Set<number>();
  stage.partner.arrivals.listen(({ who, stream, ssrc }) => {
    if (who === subject.client.who && stream === 'control') heard.add(ssrc);
  });
  stage.partner.awake = true;
  await vi.waitFor(() => expect(heard.size).toBe(1), 5000);
  const [control = 0] = heard;
  expect(stage.partner.arrivals.announced(subject.userId, 'microphone')).not.toContain(control);
  subject.close();
  stage.close();
});

test('a client that is out goes on sending through its relay, and the server has no transport for it', async () => {
  const { stage, subject } = await onStage();
  await subject.enter(255, { relayed: true });
  const { client } = subject;
  await subject.leave();
  const before = client.relayed;
  client.awake = true;
  await vi.waitFor(() => expect(client.relayed - before).toBeGreaterThan(100), 5000);
  await expect(stage.bytesFrom(client)).rejects.toMatchObject({ code: 'mediaUnavailable' });
  subject.close();
  stage.close();
});

test('the bytes of a transport are those of everything that was sent to it', async () => {
  const { stage, subject } = await onStage();
  await subject.enter(3);
  const window = new FlowWindow(stage, { client: subject.client, inside: true });
  const flows = await window.measure(() => false);
  window.close();
  expect(flows).toHaveLength(8);
  for (const { sent, packets, others, control } of flows) {
    expect([packets, others]).toEqual([0, 0]);
    expect(Math.min(sent, control)).toBeGreaterThanOrEqual(20);
  }
  subject.close();
  stage.close();
});

test('without the control a window shows nothing, unless something arrived that was not to', async () => {
  const { stage, subject } = await onStage();
  await subject.enter(3);
  world.server.plane.closeTrack(controlOf(subject.client));
  const seen = async () => {
    const window = new FlowWindow(stage, { client: subject.client, inside: true });
    return await window.measure(() => false).finally(() => window.close());
  };
  await expect(seen()).rejects.toThrow(LackingWindow);
  await subject.updatePrivateMapKey(7);
  await subject.client.insist([]);
  const leaked = (await seen()).filter(({ packets }) => packets > 0);
  expect(leaked).toMatchObject([{ direction: 'send', slot: 'microphone', others: 0 }]);
  subject.close();
  stage.close();
});
