import { TRTC } from '@roomkey/sdk';
import { type Refusal, refusalFrom, refusalOf } from './model/refusal.ts';
import { type Device, type DeviceState, devices } from './model/state.ts';
import type { SessionPage } from './session-page.ts';

type Trtc = ReturnType<typeof TRTC.create>;

const deviceOf = {
  microphone: 'microphone',
  camera: 'camera',
  screen: 'screen',
  screenAudio: undefined,
} as const;

/** The visitor's microphone, camera and screen. */
export class LocalDevices {
  readonly #trtc: Trtc;
  readonly #page: SessionPage;
  readonly #states: Record<Device, DeviceState> = { microphone: 'off', camera: 'off', screen: 'off' };

  constructor(trtc: Trtc, page: SessionPage) {
    this.#trtc = trtc;
    this.#page = page;
    trtc.on(TRTC.EVENT.SCREEN_SHARE_STOPPED, () => this.#become('screen', 'off'));
    trtc.on(TRTC.EVENT.PUBLISH_STATE_CHANGED, ({ slot, state, error }) => {
      if (state !== 'stopped' || !error) return;
      const device = deviceOf[slot];
      // While a device is being started its call is refused as well, and says so.
      if (device && this.#states[device] === 'starting') return;
      page.tell({ type: 'refused', refusal: refusalFrom(error) });
      if (device) void this.#switchOff(device);
    });
  }

  /** Switches on what is off and off what is on; a microphone is muted, so that it is back at once. */
  async toggle(device: Device): Promise<void> {
    const state = this.#states[device];
    if (state === 'starting') return;
    try {
      if (state === 'off') await this.#switchOn(device);
      else if (device === 'microphone') await this.#mute(state === 'on');
      else await this.#switchOff(device);
    } catch (error) {
      this.#page.tell({ type: 'refused', refusal: refusalBy(device, error) });
      await this.#switchOff(device);
    }
  }

  /** Switches everything off. */
  async stop(): Promise<void> {
    await Promise.all(devices.map((device) => this.#switchOff(device)));
  }

  /** Asks the server whether or not the ticket allows it: the refusal is the server's. */
  async #switchOn(device: Device): Promise<void> {
    this.#become(device, 'starting');
    if (device === 'microphone') await this.#trtc.startLocalAudio();
    if (device === 'camera') await this.#trtc.startLocalVideo({ view: this.#page.placeOf('', 'main') });
    if (device === 'screen') await this.#trtc.startScreenShare({ option: { systemAudio: true } });
    this.#become(device, 'on');
    if (device === 'screen') await this.#trtc.updateScreenShare({ view: this.#page.placeOf('', 'sub') });
  }

  async #mute(mute: boolean): Promise<void> {
    await this.#trtc.updateLocalAudio({ mute });
    this.#become('microphone', mute ? 'muted' : 'on');
  }

  /** Also after a refusal: the SDK goes on recording then, which nobody is told of here. */
  async #switchOff(device: Device): Promise<void> {
    if (this.#states[device] === 'off') return;
    this.#become(device, 'off');
    if (device === 'microphone') await this.#trtc.stopLocalAudio();
    if (device === 'camera') await this.#trtc.stopLocalVideo();
    if (device === 'screen') await this.#trtc.stopScreenShare();
  }

  #become(device: Device, state: DeviceState): void {
    this.#states[device] = state;
    this.#page.tell({ type: 'device', device, state });
  }
}

/** Closing the dialog for screens counts as "not allowed" to browsers. */
function refusalBy(device: Device, error: unknown): Refusal {
  const refusal = refusalFrom(error);
  return device === 'screen' && refusal.cause === 'deviceNotAllowed' ? refusalOf('screenNotChosen') : refusal;
}
