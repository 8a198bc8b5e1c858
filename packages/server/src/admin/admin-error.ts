/** Why the admin socket cannot be used. */
export type AdminFault =
  /** The data folder's path is longer than a socket's may be. */
  | 'socketPathTooLong'
  /** Something that is no socket is in its place. */
  | 'notASocket'
  /** The socket belongs to another user. */
  | 'forbidden'
  /** A process holds the data folder and does not answer. */
  | 'unreachable'
  /** The connection ended before the answer. */
  | 'connectionLost'
  /** What answers is not this version of the server. */
  | 'answerUnreadable';

/** The server cannot be administered; the message says what to do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly fault: AdminFault;

  constructor(fault: AdminFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
