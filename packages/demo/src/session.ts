import { TRTC } from '@roomkey/sdk';
import { LocalDevices } from './local-devices.ts';
import { maySend } from './model/button.ts';
import { type EntryForm, roomOf } from './model/entry-form.ts';
import { type Happening, removalRefusal } from './model/happening.ts';
import { refusalFrom } from './model/refusal.ts';
import type { Device } from './model/state.ts';
import { Others } from './others.ts';
import type { SessionPage } from './session-page.ts';
import { requestTickets } from './ticket-request.ts';

type Trtc = ReturnType<typeof TRTC.create>;

/** One stay in a room, from the request for tickets to the end. */
export class Session {
  readonly #page: SessionPage;
  readonly #trtc: Trtc = TRTC.create({ enableAutoPlayDialog: false });
  readonly #devices: LocalDevices;
  readonly #others: Others;
  #over = false;

  constructor(page: SessionPage) {
    this.#page = page;
    this.#trtc.on('*', (name, payload) => page.log(name, payload));
    this.#devices = new LocalDevices(this.#trtc, page);
    this.#others = new Others(this.#trtc, page);
    this.#hearConnection();
  }

  /** Gets tickets and enters. A refusal is told to the page, and the session is over. */
  async enter(form: EntryForm): Promise<void> {
    this.#page.tell({ type: 'entering' });
    try {
      const { sdkAppId, userSig, privateMapKey } = await requestTickets(form);
      const { scene, role, name: userId } = form;
      const room = roomOf(form);
      await this.#trtc.enterRoom({ sdkAppId, userId, userSig, privateMapKey, ...room, scene, role });
    } catch (error) {
      await this.#end({ type: 'entryRefused', refusal: refusalFrom(error) });
      return;
    }
    const effective = this.#trtc.permissions?.effective ?? 0;
    if (form.withMicrophone && maySend(effective, 'microphone')) this.toggle('microphone');
    if (form.withCamera && maySend(effective, 'camera')) this.toggle('camera');
  }

  toggle(device: Device): void {
    void this.#devices.toggle(device);
  }

  /** Plays what the browser held back; to be called in a click. */
  hear(): void {
    this.#others.hear();
  }

  leave(): Promise<void> {
    return this.#end({ type: 'left' });
  }

  #hearConnection(): void {
    const { EVENT } = TRTC;
    this.#trtc.on(EVENT.CONNECTION_STATE_CHANGED, ({ state, isReconnecting }) => {
      const explanation = this.#trtc.permissions;
      if (state === 'CONNECTED' && explanation) this.#page.tell({ type: 'inside', explanation });
      else if (isReconnecting) this.#page.tell({ type: 'reconnecting' });
    });
    this.#trtc.on(EVENT.KICKED_OUT, ({ reason }) => {
      void this.#end({ type: 'left', refusal: removalRefusal(reason) });
    });
    this.#trtc.on(EVENT.ERROR, (error) => {
      void this.#end({ type: 'left', refusal: refusalFrom(error) });
    });
  }

  async #end(happening: Happening): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#page.tell(happening);
    this.#others.close();
    await Promise.all([this.#devices.stop(), this.#trtc.exitRoom()]);
    this.#trtc.destroy();
  }
}
