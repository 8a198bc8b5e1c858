import type { Actor } from '@roomkey/tickets/permissions';
import { type Bit, bits, holds } from './bit.ts';

/** Why a member may do what it may do, as far as this page shows it. */
export interface Explanation {
  readonly effective: number;
  readonly cleared: readonly {
    readonly permission: string;
    readonly operand: string;
    readonly cause: string;
    readonly actor: Actor;
    /** Unix milliseconds. */
    readonly since: number;
  }[];
}

/** One permission bit in force, or not. */
export interface Light extends Bit {
  readonly lit: boolean;
  /** Why it is dark; empty when it is lit. */
  readonly why: string;
  /** What keeps it dark, one for each reason. */
  readonly blamed: Explanation['cleared'];
}

const reasons: Readonly<Record<string, string>> = {
  held: 'Not in your ticket.',
  role: 'The audience of a live room does not send.',
  authority: 'You did not ask for it.',
  denied: 'An operator took it away.',
  lapsed: 'Your ticket has expired.',
  capped: 'The room has reached its limit of senders.',
};

/** The eight lights, lowest bit first. A bit that several things keep dark names all of them. */
export function lightsOf({ effective, cleared }: Explanation): readonly Light[] {
  return bits.map((bit) => {
    const lit = holds(effective, bit.name);
    const blamed = cleared.filter(({ permission }) => permission === bit.name);
    const why = blamed.map(({ operand, cause }) => reasons[operand] ?? `${operand}: ${cause}.`).join(' ');
    return lit ? { ...bit, lit, why: '', blamed: [] } : { ...bit, lit, why, blamed };
  });
}

/** An actor as the user `own` reads it. */
function actorWords({ type, id }: Actor, own: string): string {
  if (type === 'user') return id === own ? 'you' : (id ?? 'a user');
  return id === undefined ? 'an operator' : `operator ${id}`;
}

/** Since when and by whom a bit is dark; `clock` writes a time of day, `own` is this user. */
export function blameWords({ blamed }: Light, own: string, clock: (at: Date) => string): string {
  const words = blamed.map(({ operand, cause, actor, since }) => {
    const by = actor.type === 'system' ? '' : `, by ${actorWords(actor, own)}`;
    // What an operator gives as a reason is meant to be read.
    const says = operand === 'denied' && cause !== 'operator' ? `: “${cause}”` : '';
    return `Since ${clock(new Date(since))}${by}${says}.`;
  });
  return words.join(' ');
}
