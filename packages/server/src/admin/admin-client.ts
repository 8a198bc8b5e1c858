import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AdminInput,
  type AdminMethod,
  type AdminResult,
  adminMethods,
  decodeMessage,
  encodeRequest,
} from '@roomkey/protocol';
import { operatorActor } from '@roomkey/tickets/permissions';
import { Core } from '../core.ts';
import { StoreError } from '../ports/index.ts';
import { DataDirectory } from '../store/index.ts';
import { systemClock } from '../system-clock.ts';
import { AdminCalls, type Administered } from './admin-calls.ts';
import { AdminError } from './admin-error.ts';
import { messageLines } from './message-lines.ts';
import { socketPath } from './socket-path.ts';

const RETRY_MS = 50;
const ANSWER_MS = 30_000;
/** Longest answer in characters: a page of a thousand applications fits in many times over. */
const MAX_ANSWER = 16_777_216;

/** The way to administer a data folder, whether a server runs on it or not. */
export interface AdminClient {
  /** `server`: a running one answers. `store`: this process holds the folder until `close`. */
  readonly via: 'server' | 'store';
  /** @throws {ServiceError} what the core refuses with; {AdminError} when there is no readable answer */
  call<M extends AdminMethod>(method: M, params: AdminInput<M>): Promise<AdminResult<M>>;
  close(): Promise<void>;
}

export interface AdminClientOptions {
  readonly folder: string;
  /** Used only when no server runs. */
  readonly masterKey?: Uint8Array | undefined;
  /** Longest wait for a process that holds the folder to answer or to let go, in milliseconds. Default 10 000. */
  readonly waitMs?: number;
}

/**
 * Connects to the server of a data folder; opens the folder itself when no process holds it. Makes no data.
 *
 * @throws {AdminError} `unreachable`, `forbidden` or `socketPathTooLong`; {StoreError} when the folder cannot be opened
 *
 * @example
 * ```ts
 * const admin = await openAdmin({ folder: './data' });
 * try {
 *   await admin.call('member.ban', { sdkAppId: 1400000001, userId: 'eve', seconds: 7200 });
 * } finally {
 *   await admin.close();
 * }
 * ```
 */
export async function openAdmin(options: AdminClientOptions): Promise<AdminClient> {
  const { folder, masterKey, waitMs = 10_000 } = options;
  const file = socketPath(folder);
  for (let waited = 0; ; waited += RETRY_MS) {
    const client = (await connectTo(file)) ?? (await openFolder(folder, masterKey));
    if (client) return client;
    if (waited >= waitMs)
      throw new AdminError(
        'unreachable',
        `A Roomkey process holds ${folder} and does not answer. It may be starting or ending: try again.`,
      );
    await sleep(RETRY_MS);
  }
}

async function connectTo(file: string): Promise<AdminClient | undefined> {
  const socket = connect(file);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') return undefined;
    throw new AdminError(
      'forbidden',
      `${file} belongs to another user. Run the command as the user of the server.`,
      {
        cause,
      },
    );
  }
  return new SocketClient(socket);
}

async function openFolder(
  folder: string,
  masterKey: Uint8Array | undefined,
): Promise<AdminClient | undefined> {
  try {
    const data = await DataDirectory.open({ folder, masterKey, create: false, waitMs: 0 });
    return await StoreClient.open(data);
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'inUse') return undefined;
    throw error;
  }
}

class SocketClient implements AdminClient {
  readonly via = 'server';
  readonly #socket: Socket;
  readonly #lines: AsyncGenerator<string, void>;
  #calls = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    // Without a listener the end of an idle connection would end the process; the next call tells it.
    socket.on('error', () => {});
    this.#lines = messageLines(socket, MAX_ANSWER);
  }

  async call<M extends AdminMethod>(method: M, params: AdminInput<M>): Promise<AdminResult<M>> {
    this.#calls++;
    this.#socket.write(`${encodeRequest(this.#calls, method, params)}\n`);
    const line = await this.#answer();
    const message = decodeMessage(line);
    if (message.type === 'error') throw message.error;
    const read =
      message.type === 'result' ? adminMethods[method].result.safeParse(message.result) : undefined;
    if (read?.success) return read.data as AdminResult<M>;
    throw new AdminError(
      'answerUnreadable',
      'The server answers in another form. Use the command of the same version as the server.',
    );
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  async #answer(): Promise<string> {
    let cause: unknown;
    this.#socket.setTimeout(ANSWER_MS);
    try {
      const { value } = await this.#lines.next();
      if (value !== undefined) return value;
    } catch (error) {
      cause = error;
    } finally {
      this.#socket.setTimeout(0);
    }
    throw new AdminError(
      'connectionLost',
      'The server ended the connection before it answered. Look whether the change was made before you try again.',
      { cause },
    );
  }
}

class StoreClient implements AdminClient {
  readonly via = 'store';
  readonly #data: DataDirectory;
  readonly #calls: AdminCalls;

  constructor(data: DataDirectory, administered: Administered) {
    this.#data = data;
    this.#calls = new AdminCalls(administered, operatorActor('command line'));
  }

  static async open(data: DataDirectory): Promise<StoreClient> {
    try {
      const core = await Core.open(data, systemClock);
      return new StoreClient(data, {
        directory: core.applications,
        ...core.operate(),
        journal: data.journalReader,
        usage: data.usage,
        state: { check: data.stateCheck, journal: data.journal },
      });
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  async call<M extends AdminMethod>(method: M, params: AdminInput<M>): Promise<AdminResult<M>> {
    return (await this.#calls.run(method, params)) as AdminResult<M>;
  }

  async close(): Promise<void> {
    await this.#data.close();
  }
}
