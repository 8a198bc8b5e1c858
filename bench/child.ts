import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a child process can be asked; parameters and results travel as JSON. */
type Methods = Readonly<Record<string, (params: never) => unknown>>;

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** How a child process is started. */
interface ChildOptions {
  /** The core that it runs on with all that it starts; any by default. */
  readonly core?: number;
  /** The network namespace that it runs in, as `nsenter` takes it; this one by default. */
  readonly namespace?: string;
  /** It imports the packages as they are built, and says nothing on its standard output. */
  readonly built?: boolean;
}

/** A program of the bench that runs beside it. It ends with this process. */
export class Child<M extends Methods> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 1;

  constructor(program: URL, { core, namespace, built = false }: ChildOptions = {}) {
    const flags = process.execArgv.filter((flag) => !built || flag !== '--conditions=source');
    const pinned = core === undefined ? [] : ['taskset', '--cpu-list', String(core)];
    const entered = namespace === undefined ? [] : ['nsenter', `--net=${namespace}`];
    const [command = '', ...args] = [
      ...entered,
      ...pinned,
      process.execPath,
      ...flags,
      fileURLToPath(program),
    ];
    this.#process = spawn(command, args, { stdio: ['ignore', built ? 'ignore' : 2, 2, 'ipc'] });
    this.#process.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#process.once('exit', (code, signal) => {
      for (const [id, settle] of this.#waiting) settle({ id, error: `it ended (${code ?? signal})` });
    });
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('taskset (of util-linux) did not start.');
    return pid;
  }

  call<N extends keyof M & string>(
    method: N,
    ...params: Parameters<M[N]>
  ): Promise<Awaited<ReturnType<M[N]>>> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as Awaited<ReturnType<M[N]>>);
        else reject(new Error(`${method} failed in another process: ${error}`));
      });
      this.#process.send({ id, method, params: params[0] } satisfies Request);
    });
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    await ended;
  }
}

/** Answers what the parent process asks, until it ends. */
export function answerParent(methods: Methods): void {
  process.once('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  process.on('message', async ({ id, method, params }: Request) => {
    try {
      process.send?.({ id, result: await methods[method]?.(params as never) } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: String((error as Error).stack ?? error) } satisfies Answer);
    }
  });
}
