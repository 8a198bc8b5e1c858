/**
 * What a member needs of the server: who may send anything is on `core`, everybody else on `outer`. A member changes its tier when its
 * permissions in force do.
 */
export type Tier = 'core' | 'outer';

/** How long the members of a room were on each tier, all of them together, in milliseconds. */
export type TierTime = Readonly<Record<Tier, number>>;

/** The use of one room on one day. */
export interface DayUsage extends TierTime {
  /** Days since 1970-01-01, in UTC. */
  readonly day: number;
  readonly sdkAppId: number;
  /** Room key text. */
  readonly room: string;
}

/** The use of one room within five minutes. */
export interface FiveMinuteUsage extends DayUsage {
  /** Which five minutes of the day (UTC): 0 to 287. */
  readonly fiveMinutes: number;
}

/** Which use is meant. */
export interface UsageFilter {
  /** The first and the last day, as in `DayUsage`. */
  readonly from: number;
  readonly to: number;
  readonly sdkAppId?: number | undefined;
  /** Room key text; only beside an application. */
  readonly room?: string | undefined;
}

/** Behind which row a page begins. */
export type UsagePlace = Pick<DayUsage, 'day' | 'sdkAppId' | 'room'>;

/** Where usage outlives the process. Each change is durable when its promise resolves. It rejects with a `StoreError`, and nothing is changed then. */
export interface UsageStore {
  /** Adds to what is kept, all of it or nothing. Some hundred at a time: they are written in one turn of the event loop. */
  add(amounts: readonly FiveMinuteUsage[]): Promise<void>;
  /**
   * At most `limit` rows behind a place, by day, application and room. They are of one day: a page may be empty, and there may be more as
   * long as there is a `next`.
   */
  list(
    filter: UsageFilter,
    page: { readonly after?: UsagePlace | undefined; readonly limit: number },
  ): Promise<{ readonly rows: readonly DayUsage[]; readonly next: UsagePlace | undefined }>;
  /** Forgets some of what is older than a day. Resolves with whether there may be more. */
  prune(before: number): Promise<boolean>;
}
