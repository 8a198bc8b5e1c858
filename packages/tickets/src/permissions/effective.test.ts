import { expect, test } from 'vitest';
import {
  effective,
  explain,
  nothingTaken,
  type Operand,
  type OperandName,
  type Operands,
  roleMask,
  sameCleared,
} from './effective.ts';
import { bitsOf, permissionsOf } from './permission.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

function operand(bits: number, cause = 'test'): Operand {
  return { bits, cause, actor: { type: 'system' } as const, since: 1_700_000_000_000 };
}

function operands(changes: Partial<Record<OperandName, number>> = {}): Operands {
  const of = (name: OperandName, untouched: number) => operand(changes[name] ?? untouched, `${name}-cause`);
  return {
    held: of('held', 255),
    role: of('role', 255),
    authority: of('authority', 255),
    denied: of('denied', 0),
    lapsed: of('lapsed', 0),
    capped: of('capped', 0),
  };
}

test('each granting operand alone passes exactly its byte', () => {
  for (const name of ['held', 'role', 'authority'] as const) {
    for (const byte of everyByte) expect(effective(operands({ [name]: byte }))).toBe(byte);
  }
});

test('each taking operand alone removes exactly its byte', () => {
  for (const name of ['denied', 'lapsed', 'capped'] as const) {
    for (const byte of everyByte) expect(effective(operands({ [name]: byte }))).toBe(255 - byte);
  }
});

test('for every pair of bytes the result is what is granted by all and taken by none', () => {
  const both = [
    ['held', 'denied'],
    ['role', 'lapsed'],
    ['authority', 'capped'],
  ] as const;
  const names = everyByte.map((byte) => permissionsOf(byte));
  for (const [grants, takes] of both) {
    for (const granted of everyByte) {
      const kept = everyByte.map((taken) => effective(operands({ [grants]: granted, [takes]: taken })));
      const left = names.map((taken) =>
        bitsOf(permissionsOf(granted).filter((name) => !taken.includes(name))),
      );
      expect(kept).toEqual(left);
    }
  }
});

test('nothing given by other operands exceeds what is held, and high bits never appear', () => {
  for (const held of everyByte) {
    const bits = effective(operands({ held: held + 0x7fff_ff00, role: -1, authority: -1 }));
    expect(bits).toBe(held);
  }
});

test('an operand that takes nothing says so, and since when', () => {
  expect(nothingTaken(5)).toEqual({ bits: 0, cause: 'none', actor: { type: 'system' }, since: 5 });
});

test('an audience member in scene live loses the three send bits, everybody else loses none', () => {
  expect(permissionsOf(255 - roleMask('live', 'audience'))).toEqual(['sendAudio', 'sendVideo', 'sendSub']);
  expect([roleMask('live', 'anchor'), roleMask('rtc', 'anchor'), roleMask('rtc', 'audience')]).toEqual([
    255, 255, 255,
  ]);
});

test('the explanation blames, for every byte of every operand, exactly the permissions it clears', () => {
  for (const name of ['held', 'role', 'authority', 'denied', 'lapsed', 'capped'] as const) {
    const takes = ['denied', 'lapsed', 'capped'].includes(name);
    for (const byte of everyByte) {
      const explanation = explain(operands({ [name]: byte }));
      expect(explanation.effective).toBe(takes ? 255 - byte : byte);
      expect(explanation.cleared).toEqual(
        permissionsOf(takes ? byte : 255 - byte).map((permission) => ({
          permission,
          operand: name,
          cause: `${name}-cause`,
          actor: { type: 'system' } as const,
          since: 1_700_000_000_000,
        })),
      );
    }
  }
});

test('a permission cleared twice is explained twice', () => {
  const { cleared } = explain(operands({ held: 251, denied: 4 }));
  expect(cleared.map(({ permission, operand }) => [permission, operand])).toEqual([
    ['sendAudio', 'held'],
    ['sendAudio', 'denied'],
  ]);
});

test('the explanation blames nothing exactly when all eight bits are in effect', () => {
  expect(explain(operands()).cleared).toEqual([]);
});

test('one operand that clears something else is enough for two sets not to be cleared alike', () => {
  for (const [name, bits] of [
    ['held', 251],
    ['role', 251],
    ['authority', 251],
    ['denied', 4],
    ['lapsed', 4],
    ['capped', 4],
  ] as const) {
    expect(sameCleared(operands(), operands({ [name]: bits }))).toBe(false);
    expect(sameCleared(operands({ [name]: bits }), operands({ [name]: bits }))).toBe(true);
    expect(sameCleared(operands({ [name]: bits }), operands({ [name]: bits ^ 16 }))).toBe(false);
  }
});

test('two sets of operands are cleared alike only when each permission is cleared by the same, for the same reason', () => {
  const denied = { ...operands({ denied: 4 }) };
  expect(sameCleared(denied, operands({ denied: 4 }))).toBe(true);
  expect(sameCleared(operands({ held: 251 }), denied)).toBe(false);
  expect(sameCleared(operands({ held: 251 }), operands({ held: 251, denied: 4 }))).toBe(false);
  for (const other of [{ cause: 'another' }, { actor: { type: 'user', id: 'ana' } as const }])
    expect(sameCleared(denied, { ...denied, denied: { ...denied.denied, ...other } })).toBe(false);
  expect(sameCleared(denied, { ...denied, denied: { ...denied.denied, since: 1 } })).toBe(true);
  // What clears nothing does not matter.
  expect(sameCleared(operands(), { ...operands(), held: { ...operands().held, cause: 'another' } })).toBe(
    true,
  );
});
