import { type RtcError, TRTC } from '@roomkey/sdk';
import { deviceLabels } from './model/button.ts';
import { type Refusal, refusalAbout, refusalFrom, refusalOf } from './model/refusal.ts';
import { type Device, type DeviceState, devices } from './model/state.ts';
import type { SessionPage } from './session-page.ts';

type Trtc = ReturnType<typeof TRTC.create>;

/** The visitor's microphone, camera and screen. */
export class LocalDevices {
  readonly #trtc: Trtc;
  readonly #page: SessionPage;
  readonly #states: Record<Device, DeviceState> = { microphone: 'off', camera: 'off', screen: 'off' };
  /** The screen's sound was refused while the screen itself was still being asked for. */
  #soundRefused: RtcError | undefined;

  constructor(trtc: Trtc, page: SessionPage) {
    this.#trtc = trtc;
    this.#page = page;
    trtc.on(TRTC.EVENT.SCREEN_SHARE_STOPPED, () => this.#become('screen', 'off'));
    trtc.on(TRTC.EVENT.PUBLISH_STATE_CHANGED, ({ slot, state, error }) => {
      if (state !== 'stopped' || !error) return;
      if (slot === 'screenAudio') this.#withoutSound(error);
      // While a device is being started its call is refused as well, and says so.
      else if (this.#states[slot] !== 'starting') void this.#lost(slot, error);
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
      await this.#lost(device, error);
    }
  }

  /** Switches everything off. */
  async stop(): Promise<void> {
    await Promise.all(devices.map((device) => this.#switchOff(device)));
  }

  /** Asks the server whether or not the ticket allows it: the refusal is the server's. */
  async #switchOn(device: Device): Promise<void> {
    this.#become(device, 'starting');
    this.#soundRefused = undefined;
    if (device === 'microphone') await this.#trtc.startLocalAudio();
    if (device === 'camera') await this.#trtc.startLocalVideo({ view: this.#page.placeOf('', 'main') });
    if (device === 'screen') await this.#trtc.startScreenShare({ option: { systemAudio: true } });
    this.#become(device, 'on');
    if (device !== 'screen') return;
    if (this.#soundRefused) this.#withoutSound(this.#soundRefused);
    await this.#trtc.updateScreenShare({ view: this.#page.placeOf('', 'sub') });
  }

  async #mute(mute: boolean): Promise<void> {
    await this.#trtc.updateLocalAudio({ mute });
    this.#become('microphone', mute ? 'muted' : 'on');
  }

  async #lost(device: Device, error: unknown): Promise<void> {
    // Switched off by the visitor while it was being started.
    const refusal = refusalBy(device, error);
    if (refusal.cause !== 'aborted') this.#page.tell({ type: 'refused', refusal });
    await this.#switchOff(device);
  }

  #withoutSound(error: RtcError): void {
    this.#soundRefused = error;
    if (this.#states.screen !== 'on') return;
    const refusal = error.cause === 'sendAudioDenied' ? refusalOf('screenSoundDenied') : refusalFrom(error);
    this.#page.tell({ type: 'refused', refusal });
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

function refusalBy(device: Device, error: unknown): Refusal {
  const refusal = refusalFrom(error);
  if (!refusal.cause.startsWith('device')) return refusal;
  // Closing the browser's dialog for screens counts as "not allowed".
  if (device === 'screen' && refusal.cause === 'deviceNotAllowed') return refusalOf('screenNotChosen');
  return refusalAbout(deviceLabels[device], refusal);
}
