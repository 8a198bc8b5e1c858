import type { Platform } from '../platform/platform.ts';

type Devices = Platform['mediaDevices'];

const kinds = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' } as const;

/**
 * The devices of one kind. Browsers tell names only after the user allowed a device: with `requestPermission`
 * one is opened for a moment where that is needed. A refusal leaves the names empty and is no error.
 */
export async function listDevices(
  devices: Devices,
  what: keyof typeof kinds,
  requestPermission: boolean,
): Promise<MediaDeviceInfo[]> {
  if (!devices) return [];
  const list = async () => (await devices.enumerateDevices()).filter(({ kind }) => kind === kinds[what]);
  const found = await list();
  const unnamed = found.length > 0 && found.every(({ label }) => label === '');
  if (!unnamed || !requestPermission) return found;
  try {
    const stream = await devices.getUserMedia(what === 'camera' ? { video: true } : { audio: true });
    const named = await list();
    for (const track of stream.getTracks()) track.stop();
    return named;
  } catch {
    return found;
  }
}
