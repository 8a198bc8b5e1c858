/** How an entry is done. */
export interface EntryWish {
  /** When the tickets are signed, unix seconds; default now. */
  readonly issuedAt?: number;
  /** The member goes on sending when it is out, through a relay that counts it. */
  readonly relayed?: boolean;
  /** Whether it confirms the consumers that are opened for it; default true. */
  readonly confirms?: boolean;
  /** Its tickets are among those that were revoked, if any were. */
  readonly revocable?: boolean;
}

/** What the ways do with a member. A refusal is no failure: what follows from it is seen in the packets. */
export interface Steps {
  enter(byte: number, wish?: EntryWish): Promise<void>;
  /** Leaves; what it was goes on sending. */
  leave(): Promise<void>;
  /** An operator puts it out, if it is inside; what it was goes on sending. */
  kick(): Promise<void>;
  /** Hands in a key; `expiresAt` is its last second. */
  updatePrivateMapKey(byte: number, expiresAt?: number): Promise<void>;
  switchRole(role: 'anchor' | 'audience', byte: number): Promise<void>;
  changeAuthority(byte: number): Promise<void>;
  /** An operator takes exactly the bits of a byte, and gives the others back. */
  deny(byte: number): Promise<void>;
  /** An operator voids the tickets that were signed up to a second. */
  revoke(before: number): Promise<void>;
  breakConnection(): Promise<void>;
  resume(): Promise<void>;
  /** The key that is carried, with `expiresAt` as its last second, expires. */
  expire(expiresAt: number): Promise<void>;
  /** The worker of the room dies and is replaced; resolves when everybody's media is back. */
  loseWorker(): Promise<void>;
  /** Everything is asked for, and what flows has begun to. */
  settle(): Promise<void>;
  /** What is out sends no more. */
  dropGhost(): void;
}
