import { expect, test } from 'vitest';
import { FakeMediaDevices } from '../platform/fake-platform.fixture.ts';
import { listDevices } from './list.ts';

const asDevices = (fake: FakeMediaDevices) => fake as unknown as MediaDevices;

test('devices of one kind are listed', async () => {
  const fake = new FakeMediaDevices();
  fake.devices = [
    { kind: 'videoinput', label: 'Front', deviceId: 'v' },
    { kind: 'audioinput', label: 'Built-in', deviceId: 'a' },
  ];
  const [camera, ...others] = await listDevices(asDevices(fake), 'camera', true);
  expect(camera?.label).toBe('Front');
  expect(others).toEqual([]);
  expect(fake.captured).toEqual([]);
});

test('without names one device is opened for a moment, if that was asked for', async () => {
  const fake = new FakeMediaDevices();
  fake.devices = [{ kind: 'audioinput', label: '', deviceId: 'a' }];
  await listDevices(asDevices(fake), 'microphone', false);
  expect(fake.captured).toEqual([]);
  await listDevices(asDevices(fake), 'microphone', true);
  expect(fake.captured.map(({ readyState }) => readyState)).toEqual(['ended']);
});

test('a refusal leaves the names empty, and a page without devices has none', async () => {
  const fake = new FakeMediaDevices();
  fake.devices = [{ kind: 'videoinput', label: '', deviceId: 'v' }];
  fake.failure = new DOMException('no', 'NotAllowedError');
  expect(await listDevices(asDevices(fake), 'camera', true)).toHaveLength(1);
  expect(await listDevices(undefined, 'camera', true)).toEqual([]);
});
