import type { ChildProcess } from 'node:child_process';
import { join, Link, type LinkEnd } from './link.ts';
import { Namespace } from './namespace.ts';
import { startRelay } from './relay.ts';

/** Where the server is for every member, whatever is between them. */
const address = '10.98.0.1';
const ports = { http: 8080, media: 40_000, lastMedia: 40_009 };

/** A network of its own on this computer, out of which no packet goes: a server, and links to members. */
export class Network {
  /** What the server is started with. */
  readonly server = { address, ports } as const;
  readonly #core: Namespace;
  readonly #namespaces: Namespace[];
  readonly #relays: ChildProcess[] = [];
  #links = 0;

  private constructor(core: Namespace) {
    this.#core = core;
    this.#namespaces = [core];
    core.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
  }

  /** @throws when this computer or this user can make none */
  static async open(): Promise<Network> {
    return new Network(await Namespace.open());
  }

  /** Why this computer or this user can make no network; undefined when they can. */
  static async obstacle(): Promise<string | undefined> {
    let network: Network | undefined;
    try {
      network = await Network.open();
      (await network.link()).set({ up: { loss: 0.5 }, down: { kilobits: 100 } });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      network?.close();
    }
  }

  /** The namespace of the server. */
  get core(): Namespace {
    return this.#core;
  }

  /** A new link to one member. With a round trip there is a relay between the link and the server, which takes that long. */
  async link(roundTripMs = 0): Promise<Link> {
    const number = ++this.#links;
    const near = roundTripMs > 0 ? await this.#relayed(number, roundTripMs) : this.#core;
    const member = await this.#namespace();
    const subnet = `10.98.${number}`;
    const ends = cable(near, `link${number}`, member, 'eth0');
    near.run('ip', 'addr', 'add', `${subnet}.1/24`, 'dev', ends.near.device);
    // Answers of a server that listens on every address come from the one that was asked.
    near.run('ip', 'route', 'replace', `${subnet}.0/24`, 'dev', ends.near.device, 'src', address);
    join(ends.far, subnet);
    return new Link(ends.far, ends.near, subnet);
  }

  close(): void {
    for (const relay of this.#relays) relay.kill('SIGKILL');
    for (const namespace of this.#namespaces) namespace.close();
  }

  async #namespace(): Promise<Namespace> {
    const namespace = await Namespace.open(this.#core);
    this.#namespaces.push(namespace);
    return namespace;
  }

  /** A namespace that has the server's address too, and passes on what comes there. */
  async #relayed(number: number, roundTripMs: number): Promise<Namespace> {
    const namespace = await this.#namespace();
    const subnet = `10.97.${number}`;
    const ends = cable(this.#core, `relay${number}`, namespace, 'core');
    ends.near.namespace.run('ip', 'addr', 'add', `${subnet}.1/24`, 'dev', ends.near.device);
    join(ends.far, subnet);
    namespace.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
    const { http, media, lastMedia } = ports;
    const plan = {
      at: address,
      to: `${subnet}.1`,
      udpPorts: Array.from({ length: lastMedia - media + 1 }, (_, more) => media + more),
      tcpPorts: [http, media],
      delayMs: roundTripMs / 2,
    };
    this.#relays.push(await startRelay(namespace, plan));
    return namespace;
  }
}

/** Lays a cable between two namespaces, and switches it on. */
function cable(near: Namespace, device: string, far: Namespace, farDevice: string): Ends {
  const peer = ['peer', 'name', farDevice, 'netns', String(far.pid)];
  near.run('ip', 'link', 'add', device, 'type', 'veth', ...peer);
  const ends = { near: { namespace: near, device }, far: { namespace: far, device: farDevice } };
  for (const end of [ends.near, ends.far]) end.namespace.run('ip', 'link', 'set', end.device, 'up');
  return ends;
}

interface Ends {
  readonly near: LinkEnd;
  readonly far: LinkEnd;
}
