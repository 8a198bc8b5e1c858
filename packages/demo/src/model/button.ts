import type { PermissionName } from '@roomkey/tickets/permissions';
import { holds } from './bit.ts';
import type { Device, InRoom } from './state.ts';

/** One of the buttons for what the visitor sends. */
export interface DeviceButton {
  readonly device: Device;
  readonly label: string;
  readonly state: 'Off' | 'On' | 'Muted' | 'Starting';
  readonly pressed: boolean;
  /** The bit for it is not in force. The button can be pressed all the same: the server refuses, not this page. */
  readonly locked: boolean;
}

const states = { off: 'Off', starting: 'Starting', on: 'On', muted: 'Muted' } as const;

/** What the page calls a device. */
export const deviceLabels = { microphone: 'Microphone', camera: 'Camera', screen: 'Screen' } as const;

const needs: Readonly<Record<Device, PermissionName>> = {
  microphone: 'sendAudio',
  camera: 'sendVideo',
  screen: 'sendSub',
};

export function deviceButton({ devices, explanation }: InRoom, device: Device): DeviceButton {
  return {
    device,
    label: deviceLabels[device],
    state: states[devices[device]],
    pressed: devices[device] === 'on',
    locked: !maySend(explanation.effective, device),
  };
}

/** Whether the bit for sending from a device is in force. */
export const maySend = (effective: number, device: Device): boolean => holds(effective, needs[device]);
