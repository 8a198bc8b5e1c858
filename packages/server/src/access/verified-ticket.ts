/** A UserSig that has passed its check. */
export interface HeldUserSig {
  /** Unix seconds. */
  readonly issuedAt: number;
  /** The secret key that signed it. */
  readonly keyId: string;
  /** SHA-256 of its signed text. */
  readonly fingerprint: string;
}

/** A PrivateMapKey that has passed its check. Times are unix seconds. */
export interface HeldKey {
  readonly permissions: number;
  readonly issuedAt: number;
  /** The last second in which it is good. */
  readonly expiresAt: number;
  /** The secret key that signed it. */
  readonly keyId: string;
  /** SHA-256 of its signed text. */
  readonly fingerprint: string;
}
