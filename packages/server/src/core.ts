import { ApplicationDirectory } from './applications/index.ts';
import { EventLoopShare } from './event-loop-share.ts';
import { Operator, OperatorLists } from './operators/index.ts';
import type { ApplicationStore, Clock, Journal, RestrictionStore } from './ports/index.ts';
import { Restrictions } from './restrictions/index.ts';

/** Where the core keeps what outlives the process. */
interface Stores {
  readonly applications: ApplicationStore;
  readonly restrictions: RestrictionStore;
  readonly journal: Journal & {
    /** A time that was before this process began, unix milliseconds; undefined: none is known. */
    readonly knownTime?: number | undefined;
  };
}

/** What operators work with beside what the core has; see `Operator`. */
type Operated = Omit<
  ConstructorParameters<typeof Operator>[0],
  'applications' | 'restrictions' | 'journal' | 'clock' | 'share'
>;

/** The core, put together: the same for the server and for the command line that works without one. */
export class Core {
  readonly applications: ApplicationDirectory;
  readonly restrictions: Restrictions;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #share: EventLoopShare;

  private constructor(
    applications: ApplicationDirectory,
    restrictions: Restrictions,
    journal: Journal,
    clock: Clock,
    share: EventLoopShare,
  ) {
    this.applications = applications;
    this.restrictions = restrictions;
    this.#journal = journal;
    this.#clock = clock;
    this.#share = share;
  }

  /**
   * Reads the stores once. `share` says how much is done in one turn of the event loop for changes that concern many.
   *
   * @throws {StoreError} when they cannot be read
   */
  static async open(
    { applications: stored, restrictions: taken, journal }: Stores,
    clock: Clock,
    share: EventLoopShare = new EventLoopShare(),
  ): Promise<Core> {
    const applications = await ApplicationDirectory.open(stored, clock, journal);
    const restrictions = await Restrictions.open(taken, clock, journal, journal.knownTime, share);
    return new Core(applications, restrictions, journal, clock, share);
  }

  /** The doors for operators; without rooms they change and show only what is kept. */
  operate(operated: Operated = {}): { readonly operator: Operator; readonly lists: OperatorLists } {
    const { applications, restrictions } = this;
    const [journal, clock, share] = [this.#journal, this.#clock, this.#share];
    const operator = new Operator({ ...operated, applications, restrictions, journal, clock, share });
    return { operator, lists: new OperatorLists(applications, restrictions, operated.rooms) };
  }
}
