import { rtpParametersFor } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { carryingMember } from '../permissions/carrying-member.fixture.ts';
import type { Track } from '../state/track.ts';
import { LiveTracks } from './live-tracks.ts';

const track = (slot: Track['slot'], mediaId: string = slot): Track => ({
  trackId: `track-${mediaId}`,
  slot,
  muted: false,
  state: 'live',
  announced: true,
  opening: { mediaId, transportId: 'send', rtpParameters: rtpParametersFor(slot), answer: () => {} },
});
const published = (userId: string, slot: Track['slot']) => ({
  member: carryingMember(userId),
  track: track(slot),
});
const receiver = () => ({ forget: () => {} });

test('a track that has come is found by its slot and its member', () => {
  const live = new LiveTracks();
  const [ana, bob] = [published('ana', 'camera'), published('bob', 'camera')];
  for (const each of [ana, bob]) live.add(each);
  expect([...live.of('camera')]).toEqual([ana, bob]);
  expect([...live.of('screen')]).toEqual([]);
  expect(live.find('bob', 'camera')).toBe(bob);
  expect(live.find('bob', 'screen')).toBeUndefined();
  expect(live.find('eve', 'camera')).toBeUndefined();
});

test('a track that is gone is found no more', () => {
  const live = new LiveTracks();
  const [ana, bob] = [published('ana', 'camera'), published('bob', 'camera')];
  for (const each of [ana, bob]) live.add(each);
  live.remove(ana);
  expect([...live.of('camera')]).toEqual([bob]);
  live.remove(published('eve', 'screen'));
});

test('a track that another has replaced takes nothing away when it goes', () => {
  const live = new LiveTracks();
  const first = published('ana', 'camera');
  const second = { ...first, track: track('camera', 'another') };
  live.add(first);
  live.add(second);
  live.remove(first);
  expect(live.find('ana', 'camera')).toBe(second);
});

test('those who receive a track are counted, and taken once', () => {
  const live = new LiveTracks();
  const [one, other] = [receiver(), receiver()];
  for (const each of [one, other, one]) live.received('camera', each);
  expect([live.receivers('camera'), live.receivers('screen')]).toEqual([2, 0]);
  expect([...live.takeReceivers('camera')]).toEqual([one, other]);
  expect([...live.takeReceivers('camera')]).toEqual([]);
  expect(live.receivers('camera')).toBe(0);
});

test('who receives a track no more is not counted', () => {
  const live = new LiveTracks();
  const [one, other] = [receiver(), receiver()];
  for (const each of [one, other]) live.received('camera', each);
  live.notReceived('camera', one);
  live.notReceived('screen', one);
  expect([...live.takeReceivers('camera')]).toEqual([other]);
  live.received('camera', one);
  live.notReceived('camera', one);
  expect(live.receivers('camera')).toBe(0);
});
