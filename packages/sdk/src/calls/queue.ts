import { aborted } from '../errors/rtc-error.ts';

/** Runs calls one after the other; a call that ends others can abort what runs and what waits. */
export class CallQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #abort = new AbortController();

  /** Runs `job` after all earlier ones, whatever became of them. An aborted one that still waits is not started. */
  run<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#abort;
    return this.runToEnd(() => {
      signal.throwIfAborted();
      return job(signal);
    });
  }

  /** As {@link run}, but nothing aborts it. */
  runToEnd<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(job);
    this.#tail = done.catch(() => {});
    return done;
  }

  /** Aborts what {@link run} has started or keeps waiting; later calls run as usual. */
  abort(why: string): void {
    this.#abort.abort(aborted(why));
    this.#abort = new AbortController();
  }
}

/** `promise`, or the signal's reason as soon as that is aborted; the promise's own end is then `late`'s business. */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void = () => {},
): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason);
      promise.then(late, () => {});
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
