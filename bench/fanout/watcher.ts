/** A member who receives, connected to a server. */
export interface Watcher {
  close(): void;
}
