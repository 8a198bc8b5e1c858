import type {
  Ban,
  Denial,
  NamedRecord,
  RestrictedUser,
  RestrictionStore,
  Revocation,
  StoredRestrictions,
} from '@roomkey/server/ports';
import { StoreError } from '@roomkey/server/ports';

/** Restrictions in memory, for some applications or for any. */
export class FakeRestrictionStore implements RestrictionStore {
  readonly #applications: readonly number[] | undefined;
  /** The records of all changes. */
  readonly records: NamedRecord[] = [];
  #rows: StoredRestrictions = { denials: [], bans: [], revocations: [] };
  #fault: StoreError | undefined;

  constructor(applications?: readonly number[]) {
    this.#applications = applications;
  }

  /** Lets every later change fail until it is called without an argument. */
  failWith(fault?: StoreError): void {
    this.#fault = fault;
  }

  /** What is kept now. */
  read(): StoredRestrictions {
    return structuredClone(this.#rows);
  }

  async load(): Promise<StoredRestrictions> {
    return this.read();
  }

  async readDenials(sdkAppId: number, room: string): Promise<readonly Denial[]> {
    return this.read().denials.filter((denial) => denial.sdkAppId === sdkAppId && denial.room === room);
  }

  async readBan(at: RestrictedUser): Promise<Ban | undefined> {
    return this.read().bans.find(of(at));
  }

  async readRevocation(sdkAppId: number, target: string): Promise<Revocation | undefined> {
    return this.read().revocations.find((one) => one.sdkAppId === sdkAppId && one.target === target);
  }

  async saveDenials(denials: readonly Denial[], now: number, records: readonly NamedRecord[]): Promise<void> {
    const kept = new Map(this.#rows.denials.map((denial) => [textOf(denial), denial]));
    for (const denial of denials) {
      const old = kept.get(textOf(denial));
      expectVersion(denial.version - 1, old, old !== undefined && old.expiresAt <= now);
      kept.set(textOf(denial), denial);
    }
    this.#write({ denials: [...kept.values()] }, records, denials);
  }

  async saveBan(ban: Ban, now: number, records: readonly NamedRecord[]): Promise<void> {
    const old = this.#rows.bans.find(of(ban));
    expectVersion(ban.version - 1, old, old !== undefined && old.until <= now);
    this.#write({ bans: [...this.#rows.bans.filter((other) => other !== old), ban] }, records, [ban]);
  }

  async forgetBan(
    ban: RestrictedUser & Pick<Ban, 'version'>,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const old = this.#rows.bans.find(of(ban));
    expectVersion(ban.version, old);
    this.#write({ bans: this.#rows.bans.filter((other) => other !== old) }, records);
  }

  async saveRevocation(revocation: Revocation, records: readonly NamedRecord[]): Promise<void> {
    const { sdkAppId, target, version } = revocation;
    const old = this.#rows.revocations.find((one) => one.sdkAppId === sdkAppId && one.target === target);
    expectVersion(version - 1, old);
    const kept = this.#rows.revocations.filter((other) => other !== old);
    this.#write({ revocations: [...kept, revocation] }, records, [revocation]);
  }

  async prune(now: number, records: readonly NamedRecord[]): Promise<void> {
    const denials = this.#rows.denials.filter(({ expiresAt }) => expiresAt > now);
    const bans = this.#rows.bans.filter(({ until }) => until > now);
    this.#write({ denials, bans }, records);
  }

  #write(
    rows: Partial<StoredRestrictions>,
    records: readonly NamedRecord[],
    written: readonly { readonly sdkAppId: number }[] = [],
  ): void {
    if (this.#fault) throw this.#fault;
    const known = this.#applications;
    if (known && written.some(({ sdkAppId }) => !known.includes(sdkAppId)))
      throw new StoreError('failed', 'No such application.');
    this.#rows = structuredClone({ ...this.#rows, ...rows });
    this.records.push(...structuredClone(records));
  }
}

const textOf = ({ sdkAppId, room, userId }: RestrictedUser): string =>
  JSON.stringify([sdkAppId, room, userId]);

const of = (at: RestrictedUser) => (one: RestrictedUser) => textOf(one) === textOf(at);

/** Version 0: none is kept, or one that has ended. */
function expectVersion(
  version: number,
  kept: { readonly version: number } | undefined,
  hasEnded = false,
): void {
  const current = kept?.version ?? 0;
  if (version === current || (version === 0 && hasEnded)) return;
  throw new StoreError('conflict', 'It was changed at the same time.');
}
