import type { RestrictionReader, Revocation } from '../ports/index.ts';
import { SortedMap } from '../sorted-map.ts';
import type { RestrictionContext } from './restriction-context.ts';
import { revokedRecord } from './restriction-records.ts';
import { concernedBy } from './revocation.ts';

/** Seconds for which a fresh revocation also holds back tickets that are dated in the future. */
const FUTURE_SECONDS = 300;

/** The revocations of tickets: one for each application, user of an application and room of an application. */
export class Revocations {
  readonly #context: RestrictionContext;
  readonly #applications = new Map<number, SortedMap<Revocation>>();

  constructor(context: RestrictionContext, stored: readonly Revocation[]) {
    this.#context = context;
    for (const revocation of stored) this.#set(revocation);
  }

  /** The revocation of one target. */
  find(sdkAppId: number, target: string): Revocation | undefined {
    return this.#applications.get(sdkAppId)?.get(target);
  }

  /** The revocations of an application in the order of their targets, behind one of these. */
  behind(sdkAppId: number, target: string): Iterable<readonly [string, Revocation]> {
    return this.#applications.get(sdkAppId)?.behind(target) ?? [];
  }

  /** Whether a ticket is revoked for good, or held back until the second that it is dated. */
  verdict(ticket: Parameters<RestrictionReader['revoked']>[0]): 'revoked' | 'early' | undefined {
    const { sdkAppId, userId, room, issuedAt } = ticket;
    const now = Math.floor(this.#context.clock.now() / 1000);
    let verdict: 'early' | undefined;
    for (const target of ['a', `u:${userId}`, ...(room === undefined ? [] : [`r:${room}`])]) {
      const revocation = this.find(sdkAppId, target);
      if (!revocation) continue;
      if (issuedAt <= revocation.at) return 'revoked';
      if (issuedAt > now && now < revocation.since / 1000 + FUTURE_SECONDS) verdict = 'early';
    }
    return verdict;
  }

  /** Revokes tickets up to a second; a revocation that reaches further already keeps its second. */
  raise(asked: Omit<Revocation, 'version'>): Promise<Revocation> {
    const { sdkAppId, target } = asked;
    const { store, queue, recorder } = this.#context;
    return queue.run({
      decide: async () => {
        const before = this.find(sdkAppId, target);
        const at = Math.max(asked.at, before?.at ?? 0);
        const revocation = { ...asked, at, version: (before?.version ?? 0) + 1 };
        await recorder.make({
          records: [revokedRecord(revocation)],
          gives: 'nothing',
          save: (records) => store.saveRevocation(revocation, records),
        });
        this.#set(revocation);
        return revocation;
      },
      reload: () => this.#reload(sdkAppId, target),
    });
  }

  #set(revocation: Revocation): void {
    const { sdkAppId, target } = revocation;
    const application = this.#applications.get(sdkAppId) ?? new SortedMap<Revocation>();
    application.set(target, revocation);
    this.#applications.set(sdkAppId, application);
  }

  /** Takes over what another process has made of a revocation. */
  async #reload(sdkAppId: number, target: string): Promise<void> {
    const revocation = await this.#context.store.readRevocation(sdkAppId, target);
    if (revocation) this.#set(revocation);
    else this.#applications.get(sdkAppId)?.delete(target);
    this.#context.reloaded({ sdkAppId, ...concernedBy(target) });
  }
}
