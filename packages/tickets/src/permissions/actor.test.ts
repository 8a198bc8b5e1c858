import { expect, test } from 'vitest';
import { type Actor, operatorActor, sameActor, systemActor, userActor } from './actor.ts';

test('each actor has its type, and who is named has an id', () => {
  expect(systemActor).toEqual({ type: 'system' });
  expect(userActor('ana')).toEqual({ type: 'user', id: 'ana' });
  expect(operatorActor('eve')).toEqual({ type: 'operator', id: 'eve' });
  expect(operatorActor()).toStrictEqual({ type: 'operator' });
});

test('two actors are the same exactly when type and id are', () => {
  const actors = (): Actor[] => [
    systemActor,
    userActor('ana'),
    userActor('system'),
    operatorActor(),
    operatorActor('ana'),
    { type: 'system', id: 'system' },
  ];
  const same = actors().map((one) => actors().map((other) => sameActor(one, other)));
  expect(same).toEqual(actors().map((_, row) => actors().map((__, column) => row === column)));
});

test('nobody is the same as an actor that is missing', () => {
  expect(sameActor(systemActor, undefined)).toBe(false);
});
