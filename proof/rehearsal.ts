import { type Change, cellName } from './cell.ts';
import { type Fault, MemberModel } from './member-model.ts';
import { rows } from './permission-model.ts';
import type { EntryWish, Steps } from './steps.ts';
import type { Way } from './way.ts';

const nothing = async () => {};

/** A way gone without a server, by the model alone. */
class Rehearsal implements Steps {
  readonly #model: MemberModel;
  readonly #live: boolean;
  leave = async () => void this.#model.leave();
  kick = async () => void this.#model.leave();
  updatePrivateMapKey = async (byte: number) => void this.#model.updatePrivateMapKey(byte);
  switchRole = async (role: 'anchor' | 'audience', byte: number) => void this.#model.switchRole(role, byte);
  changeAuthority = async (byte: number) => void this.#model.changeAuthority(byte);
  deny = async (byte: number) => void this.#model.deny(byte);
  revoke = async () => void this.#model.revoke();
  resume = async () => void this.#model.resume();
  loseWorker = async () => void this.#model.loseWorker();
  expire = async () => void this.#model.expire();
  breakConnection = nothing;
  settle = nothing;
  dropGhost = () => {};

  constructor(model: MemberModel, live: boolean) {
    this.#model = model;
    this.#live = live;
  }

  async enter(byte: number, { revocable = false }: EntryWish = {}): Promise<void> {
    this.#model.enter(byte, { live: this.#live, revocable });
  }
}

/** What flows in each cell of some bytes of a way, by the names of the cells. */
async function rehearse(way: Way, bytes: readonly number[], fault: Fault): Promise<Map<string, boolean>> {
  const model = new MemberModel(fault);
  const steps = new Rehearsal(model, way.live ?? false);
  const flows = new Map<string, boolean>();
  await way.begin(steps);
  for (const byte of bytes)
    await way.run(steps, byte, async (change: Change) => {
      for (const row of rows) flows.set(cellName({ way: way.name, change, byte, ...row }), model.flows(row));
    });
  return flows;
}

/** The names of the cells of a way in which other things flow with a fault than without. */
export async function reddened(way: Way, bytes: readonly number[], fault: Fault): Promise<Set<string>> {
  const [right, wrong] = await Promise.all([rehearse(way, bytes, {}), rehearse(way, bytes, fault)]);
  return new Set([...right].filter(([name, flows]) => wrong.get(name) !== flows).map(([name]) => name));
}
