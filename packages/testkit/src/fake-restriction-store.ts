import type {
  Ban,
  Denial,
  NamedRecord,
  Replacement,
  RestrictedUser,
  RestrictionStore,
  Revocation,
  StoredRestrictions,
  VersionFloor,
} from '@roomkey/server/ports';
import { StoreError } from '@roomkey/server/ports';

/** A change as it is saved: of version 1 it is new, of a later one it replaces the version before. */
export const following = <T extends { readonly version: number }>(after: T): Replacement<T> => ({
  before: after.version === 1 ? undefined : { version: after.version - 1 },
  after,
});

/** Restrictions in memory, for some applications or for any. */
export class FakeRestrictionStore implements RestrictionStore {
  readonly #applications: readonly number[] | undefined;
  /** The records of all changes. */
  readonly records: NamedRecord[] = [];
  #rows: StoredRestrictions = { denials: [], bans: [], revocations: [], floors: [] };
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

  async *loadInPieces(): AsyncIterable<StoredRestrictions> {
    yield this.read();
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

  async readFloor(sdkAppId: number): Promise<number> {
    return this.#rows.floors.find((floor) => floor.sdkAppId === sdkAppId)?.version ?? 0;
  }

  async saveDenials(changes: readonly Replacement<Denial>[], records: readonly NamedRecord[]): Promise<void> {
    const kept = new Map(this.#rows.denials.map((denial) => [textOf(denial), denial]));
    for (const change of changes) {
      const { after } = change;
      await this.#expectFitting(change, kept.get(textOf(after)));
      kept.set(textOf(after), after);
    }
    const denials = changes.map(({ after }) => after);
    this.#write({ denials: [...kept.values()] }, records, denials);
  }

  async saveBan(change: Replacement<Ban>, records: readonly NamedRecord[]): Promise<void> {
    const { after: ban } = change;
    const old = this.#rows.bans.find(of(ban));
    await this.#expectFitting(change, old);
    this.#write({ bans: [...this.#rows.bans.filter((other) => other !== old), ban] }, records, [ban]);
  }

  async forgetBan(
    ban: RestrictedUser & Pick<Ban, 'version'>,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const old = this.#rows.bans.find(of(ban));
    expectVersion(ban.version, old);
    const bans = this.#rows.bans.filter((other) => other !== old);
    this.#write({ bans, floors: this.#floorsAbove([ban]) }, records);
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
    const deleted = [
      ...this.#rows.denials.filter(({ expiresAt }) => expiresAt <= now),
      ...this.#rows.bans.filter(({ until }) => until <= now),
    ];
    this.#write({ denials, bans, floors: this.#floorsAbove(deleted) }, records);
  }

  async #expectFitting<T extends Denial | Ban>(
    { before, after }: Replacement<T>,
    kept: T | undefined,
  ): Promise<void> {
    expectVersion(before?.version ?? 0, kept);
    const isFitting = before
      ? after.version === before.version + 1
      : after.version > (await this.readFloor(after.sdkAppId));
    if (!isFitting) throw changedMeanwhile();
  }

  #floorsAbove(deleted: readonly VersionFloor[]): VersionFloor[] {
    const floors = new Map<number, number>();
    for (const { sdkAppId, version } of [...this.#rows.floors, ...deleted])
      floors.set(sdkAppId, Math.max(floors.get(sdkAppId) ?? 0, version));
    return [...floors].map(([sdkAppId, version]) => ({ sdkAppId, version }));
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

/** Version 0: none is kept. */
function expectVersion(version: number, kept: { readonly version: number } | undefined): void {
  if (version !== (kept?.version ?? 0)) throw changedMeanwhile();
}

const changedMeanwhile = (): StoreError => new StoreError('conflict', 'It was changed at the same time.');
