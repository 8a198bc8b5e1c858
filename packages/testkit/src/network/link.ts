import type { Namespace } from './namespace.ts';

/** What happens to packets in one direction of a link; nothing by default. */
export interface Way {
  /** The share of all packets that is lost, 0 to 1, by chance. */
  readonly loss?: number;
  /** What fits through, in kilobits per second, with all headers of IP. */
  readonly kilobits?: number;
  /** Nothing comes through. */
  readonly cut?: boolean;
  /** No UDP comes through. */
  readonly noUdp?: boolean;
}

/** Both directions of a link, as its member sees them. */
export interface LinkState {
  readonly up?: Way;
  readonly down?: Way;
}

/** The other settings of `tbf` where a link is narrow: the largest piece at once, and the longest stay in the queue. */
export const tbf = { burst: '4kb', latency: '300ms' } as const;

/** One end of a link: the namespace and the name of the device there. */
export interface LinkEnd {
  readonly namespace: Namespace;
  readonly device: string;
}

/**
 * The cable between a member and what is next to it. Packets are lost where they arrive, so that no sender is told; what is too
 * much for a narrow link waits where it leaves.
 */
export class Link {
  readonly #far: LinkEnd;
  readonly #near: LinkEnd;
  readonly #subnet: string;
  readonly #narrow = { up: false, down: false };
  #lastByte = 2;

  /** `far` is the member's end. Both ends have addresses in `subnet`, like `10.98.1`; the member's ends with `.2`. */
  constructor(far: LinkEnd, near: LinkEnd, subnet: string) {
    this.#far = far;
    this.#near = near;
    this.#subnet = subnet;
    for (const { namespace, device } of [far, near]) {
      namespace.run('iptables', '-w', '-N', device);
      namespace.run('iptables', '-w', '-A', 'INPUT', '-i', device, '-j', device);
    }
  }

  /** The namespace of the member. */
  get namespace(): Namespace {
    return this.#far.namespace;
  }

  /** Brings the link into a state; what is not said is as on a good link. */
  set({ up = {}, down = {} }: LinkState): void {
    drop(this.#near, up);
    drop(this.#far, down);
    this.#narrow.up = squeeze(this.#far, up, this.#narrow.up);
    this.#narrow.down = squeeze(this.#near, down, this.#narrow.down);
  }

  /** The member gets another address, as when it goes from one network to another; the old one is gone. */
  changeAddress(): void {
    const { namespace, device } = this.#far;
    namespace.run('ip', 'addr', 'flush', 'dev', device);
    this.#lastByte++;
    join(this.#far, this.#subnet, this.#lastByte);
  }
}

/** Gives the member's end an address, and the way to everywhere else. */
export function join({ namespace, device }: LinkEnd, subnet: string, lastByte = 2): void {
  namespace.run('ip', 'addr', 'add', `${subnet}.${lastByte}/24`, 'dev', device);
  namespace.run('ip', 'route', 'replace', 'default', 'via', `${subnet}.1`, 'dev', device);
}

function drop({ namespace, device }: LinkEnd, { loss = 0, cut = false, noUdp = false }: Way): void {
  const rule = (...match: string[]) => namespace.run('iptables', '-w', '-A', device, ...match, '-j', 'DROP');
  namespace.run('iptables', '-w', '-F', device);
  if (cut) rule();
  if (noUdp) rule('-p', 'udp');
  if (loss > 0) rule('-m', 'statistic', '--mode', 'random', '--probability', String(loss));
}

/** Says whether the device is narrow now. */
function squeeze({ namespace, device }: LinkEnd, { kilobits }: Way, wasNarrow: boolean): boolean {
  const at = ['dev', device, 'root'];
  if (kilobits !== undefined) {
    const rate = ['rate', `${kilobits}kbit`, 'burst', tbf.burst, 'latency', tbf.latency];
    namespace.run('tc', 'qdisc', 'replace', ...at, 'tbf', ...rate);
  } else if (wasNarrow) namespace.run('tc', 'qdisc', 'del', ...at);
  return kilobits !== undefined;
}
