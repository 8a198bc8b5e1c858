/** Files that the server itself has open beside its sockets: databases, the log. */
const OWN_FILES = 256;
/** Beside these, for each worker: four pipes and the socket over which it is asked what has left it, with some to spare. */
const WORKER_FILES = 8;

/** How many connections the server takes. */
export interface SocketPlan {
  /** TCP connections of all kinds. */
  readonly sockets: number;
  /** WebSockets among them. */
  readonly webSockets: number;
}

/**
 * A quarter more TCP connections than WebSockets, for requests and handshakes; all of them within the files that the process
 * may have open, because a server without a free descriptor can neither answer nor write.
 */
export function planSockets(
  webSockets: number,
  { fileLimit = Number.POSITIVE_INFINITY, workers = 0 }: { fileLimit?: number | undefined; workers?: number },
): SocketPlan {
  const sockets = Math.max(
    50,
    Math.min(
      webSockets + Math.max(100, Math.ceil(webSockets / 4)),
      fileLimit - OWN_FILES - workers * WORKER_FILES,
    ),
  );
  return { sockets, webSockets: Math.min(webSockets, Math.floor((sockets * 4) / 5)) };
}
