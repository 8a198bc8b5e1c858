/** One WebSocket, as a connection needs it. */
export interface Channel {
  /** Bytes handed over by `send` that the network has not taken yet. */
  readonly backlog: number;
  /** Sends a text frame; never throws. */
  send(text: string): void;
  ping(): void;
  /**
   * Closes after what was sent before; reads nothing more. Cut after `withinMs`, or 5 s, when the client does not close too.
   */
  close(code: number, reason: string, withinMs?: number): void;
  /** Cuts the connection at once. */
  terminate(): void;
}
