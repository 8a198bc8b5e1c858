import { expect, test } from 'vitest';
import { permissionsOf } from './permission.ts';
import { slotKind, slotNeeds, slots } from './slot.ts';

test('microphone and screenAudio take audio, camera and screen take video', () => {
  expect(slots.map((slot) => [slot, slotKind(slot)])).toEqual([
    ['microphone', 'audio'],
    ['camera', 'video'],
    ['screen', 'video'],
    ['screenAudio', 'audio'],
  ]);
});

test('each slot needs the bits of its direction, and screenAudio the audio bit too', () => {
  const table = slots.map((slot) => [
    slot,
    permissionsOf(slotNeeds('send', slot)),
    permissionsOf(slotNeeds('recv', slot)),
  ]);
  expect(table).toEqual([
    ['microphone', ['sendAudio'], ['recvAudio']],
    ['camera', ['sendVideo'], ['recvVideo']],
    ['screen', ['sendSub'], ['recvSub']],
    ['screenAudio', ['sendAudio', 'sendSub'], ['recvAudio', 'recvSub']],
  ]);
});
