/** The server as it is built, in a process whose engine can also be used without it: for the load, and as the peer. */
import { createSocket } from 'node:dgram';
import { EngineDoor, PlainSinks } from '@roomkey/testkit/engine';
import { answerParent } from '../child.ts';
import { address, nowhere } from '../namespace.ts';
import { type RunningServer, startOwnServer } from '../own-server.ts';
import { BareEngine, type BareScene, type BareStop } from './bare-engine.ts';
import { cable } from './cable.ts';
import { ports } from './recording.ts';

const engine = new EngineDoor();
let sinks: PlainSinks | undefined;
let bare: BareEngine | undefined;

const methods = {
  async start(env: Readonly<Record<string, string>>): Promise<RunningServer & { workerPid: number }> {
    const server = await startOwnServer(env);
    return { ...server, workerPid: engine.worker.pid };
  },

  /** Begins to multiply what comes to the port that it returns. */
  async openSinks(): Promise<{ port: number }> {
    sinks = await PlainSinks.open(engine.router, { source: '127.0.0.2', from: address, to: nowhere });
    return { port: sinks.port };
  },

  addSinks: async ({ count }: { count: number }): Promise<void> => sinks?.add(count),
  removeSinks: ({ count }: { count: number }): void => sinks?.remove(count),
  sinkPackets: async (): Promise<number> => (await sinks?.packets()) ?? 0,

  /** Prepares the engine alone for one slot and direction; returns the port that it takes its stream on. */
  async openBare(scene: BareScene): Promise<{ port: number }> {
    const marks = createSocket('udp4');
    await new Promise<void>((resolve) => marks.connect(ports.marks, cable.nobody, resolve));
    bare = await BareEngine.open(engine, scene, (mark) => {
      const packet = Buffer.alloc(4);
      packet.writeUInt32BE(mark);
      marks.send(packet);
    });
    return { port: bare.port };
  },

  closeBare: async ({ count }: { count: number }): Promise<BareStop[]> => (await bare?.close(count)) ?? [],
  endBare: (): void => bare?.end(),
};

export type RevokeServerMethods = typeof methods;

answerParent(methods);
