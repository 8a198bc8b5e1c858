import type { Ban, Denial, RestrictionStore, Revocation, StoredRestrictions } from '@roomkey/server/ports';
import { StoreError } from '@roomkey/server/ports';

type BanPlace = Pick<Ban, 'sdkAppId' | 'room' | 'userId'>;

/** Restrictions in memory, for some applications or for any. */
export class FakeRestrictionStore implements RestrictionStore {
  readonly #applications: readonly number[] | undefined;
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

  async saveDenials(denials: readonly Denial[]): Promise<void> {
    const kept = this.#rows.denials.filter(
      (old) => !denials.some((denial) => samePlace(old, denial) && old.room === denial.room),
    );
    this.#write({ denials: [...kept, ...denials] }, denials);
  }

  async saveBan(ban: Ban): Promise<void> {
    this.#write({ bans: [...this.#withoutBan(ban), ban] }, [ban]);
  }

  async forgetBan(ban: BanPlace): Promise<void> {
    this.#write({ bans: this.#withoutBan(ban) });
  }

  async saveRevocation(revocation: Revocation): Promise<void> {
    const { sdkAppId, target } = revocation;
    const kept = this.#rows.revocations.filter((old) => old.sdkAppId !== sdkAppId || old.target !== target);
    this.#write({ revocations: [...kept, revocation] }, [revocation]);
  }

  async prune(now: number): Promise<void> {
    this.#write({
      denials: this.#rows.denials.filter(({ expiresAt }) => expiresAt > now),
      bans: this.#rows.bans.filter(({ until }) => until > now),
    });
  }

  #withoutBan(ban: BanPlace): readonly Ban[] {
    return this.#rows.bans.filter((old) => !samePlace(old, ban) || old.room !== ban.room);
  }

  #write(rows: Partial<StoredRestrictions>, written: readonly { readonly sdkAppId: number }[] = []): void {
    if (this.#fault) throw this.#fault;
    const known = this.#applications;
    if (known && written.some(({ sdkAppId }) => !known.includes(sdkAppId)))
      throw new StoreError('failed', 'No such application.');
    this.#rows = structuredClone({ ...this.#rows, ...rows });
  }
}

const samePlace = (one: Pick<Ban, 'sdkAppId' | 'userId'>, other: Pick<Ban, 'sdkAppId' | 'userId'>) =>
  one.sdkAppId === other.sdkAppId && one.userId === other.userId;
