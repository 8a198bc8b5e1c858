import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeMessage, encodeError, encodeResult, ServiceError, UnreadableMessage } from '@roomkey/protocol';
import { operatorActor } from '@roomkey/tickets/permissions';
import { AdminCalls, type Administered, type StatusReader } from './admin-calls.ts';
import { LineTooLong, messageLines } from './message-lines.ts';
import { isSocketThere, socketPath } from './socket-path.ts';

/** Longest request in characters: the largest that the schemas take names 10,000 users, each with a version. */
const MAX_REQUEST = 2_097_152;
const MAX_CONNECTIONS = 32;
/** A connection on which nothing moves for so long is closed, in ms. */
const SILENT_MS = 600_000;

export interface AdminServerOptions extends Administered {
  /** The data folder; its lock is held by this process. */
  readonly folder: string;
  readonly status: StatusReader;
  /** Hears of errors that no caller is to blame for. Never throws. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Answers the command line on `admin.sock` in the data folder: JSON-RPC 2.0, one message a line, one request of a
 * connection at a time. Whoever may open the socket may do everything, so only the owner may.
 */
export class AdminServer {
  readonly #server: Server;
  readonly #calls: AdminCalls;
  readonly #onFault: (error: unknown) => void;
  /** The connections, and what each is doing: it waits for a request, has one in work, or waits until its answer is read. */
  readonly #doing = new Map<Socket, 'waiting' | 'working' | 'answering'>();
  #closing = false;

  /** Does not listen yet; `start` does. */
  constructor(options: AdminServerOptions) {
    this.#calls = new AdminCalls(options, operatorActor('command line'), options.status);
    this.#onFault = options.onFault;
    this.#server = createServer((socket) => {
      this.#serve(socket).catch(this.#onFault);
    });
    // One more than there may be: it comes in, and the oldest without a request goes.
    this.#server.maxConnections = MAX_CONNECTIONS + 1;
  }

  /** @throws {AdminError} `socketPathTooLong` or `notASocket` */
  static async start(options: AdminServerOptions): Promise<AdminServer> {
    const file = socketPath(options.folder);
    removeStale(file);
    const admin = new AdminServer(options);
    admin.#server.listen(file);
    await once(admin.#server, 'listening');
    chmodSync(file, 0o600);
    return admin;
  }

  /** Answers what is in work, ends every connection, at the latest after `withinMs`, and removes the socket. Idempotent. */
  async close({ withinMs = 2000 }: { withinMs?: number } = {}): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const [socket, doing] of this.#doing) if (doing === 'waiting') socket.destroy();
    const late = setTimeout(() => {
      for (const socket of this.#doing.keys()) socket.destroy();
    }, withinMs);
    await closed;
    clearTimeout(late);
  }

  async #serve(socket: Socket): Promise<void> {
    this.#makeRoom();
    this.#doing.set(socket, 'waiting');
    socket.once('close', () => this.#doing.delete(socket));
    socket.setTimeout(SILENT_MS, () => socket.destroy());
    // The loop below hears of it too; this one is for what goes wrong between two requests.
    socket.on('error', () => socket.destroy());
    try {
      for await (const line of messageLines(socket, MAX_REQUEST)) {
        this.#is(socket, 'working');
        const answer = await this.#answer(line);
        this.#is(socket, 'answering');
        await taken(socket, `${answer}\n`);
        if (this.#closing) break;
        this.#is(socket, 'waiting');
        // Many requests that came at once leave time for everybody else.
        await nextTurn();
      }
      socket.end(() => socket.destroy());
    } catch (error) {
      if (!(error instanceof LineTooLong)) return void socket.destroy();
      const refusal = new ServiceError('invalidRequest', `A request has at most ${MAX_REQUEST} characters.`);
      socket.end(`${encodeError(null, refusal)}\n`, () => socket.destroy());
    }
  }

  #is(socket: Socket, doing: 'waiting' | 'working' | 'answering'): void {
    if (this.#doing.has(socket)) this.#doing.set(socket, doing);
  }

  /** Connections are known in the order in which they came. One that does not read its answer goes when no other can. */
  #makeRoom(): void {
    if (this.#doing.size < MAX_CONNECTIONS) return;
    const oldest = (wanted: string) => [...this.#doing].find(([, doing]) => doing === wanted)?.[0];
    const leaves = oldest('waiting') ?? oldest('answering');
    if (!leaves) return;
    this.#doing.delete(leaves);
    leaves.destroy();
  }

  async #answer(line: string): Promise<string> {
    let id: string | number | null = null;
    try {
      const message = decodeMessage(line);
      if (message.type !== 'request') throw new ServiceError('invalidRequest', 'Send a request with an id.');
      id = message.id;
      return encodeResult(id, await this.#calls.run(message.method, message.params));
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code === 'internal') this.#onFault(error);
      if (error instanceof UnreadableMessage) id = error.id;
      return encodeError(id, error instanceof ServiceError ? error : new ServiceError('internal'));
    }
  }
}

/** Writes, and waits until the system has taken all of it, or the connection is over. */
const taken = (socket: Socket, text: string): Promise<void> =>
  new Promise((resolve) => {
    socket.write(text, () => resolve());
  });

/** Only the holder of the folder's lock comes here, so that a socket that is there belongs to nobody. */
function removeStale(file: string): void {
  if (isSocketThere(file)) rmSync(file);
}
