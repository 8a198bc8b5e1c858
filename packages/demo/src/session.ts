import { TRTC } from '@roomkey/sdk';
import { LocalDevices } from './local-devices.ts';
import { maySend } from './model/button.ts';
import type { Deadline } from './model/deadline.ts';
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
  /** As entered, with what was changed inside. */
  #form: EntryForm | undefined;

  constructor(page: SessionPage) {
    this.#page = page;
    this.#trtc.on('*', (name, payload) => page.log(name, payload));
    this.#devices = new LocalDevices(this.#trtc, page);
    this.#others = new Others(this.#trtc, page);
    this.#hearConnection();
  }

  /** Gets tickets and enters. A refusal is told to the page, and the session is over. */
  async enter(form: EntryForm): Promise<void> {
    this.#form = form;
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

  /** Gets a ticket that holds other bits, or the same for longer, and shows it to the server; the call goes on. */
  updateTicket(permissions: number): Promise<void> {
    return this.#change('ticket', async (form) => {
      const { privateMapKey } = await requestTickets({ ...form, permissions });
      await this.#trtc.updatePrivateMapKey(privateMapKey);
      this.#form = { ...form, permissions };
      this.#page.tell({ type: 'ticketTaken', permissions });
    });
  }

  /** To the audience, or back; whoever becomes an anchor comes with a fresh ticket. */
  switchRole(role: EntryForm['role']): Promise<void> {
    return this.#change('role', async (form) => {
      if (role === 'audience') {
        await this.#devices.stop();
        await this.#trtc.switchRole(role);
      } else {
        const { privateMapKey } = await requestTickets(form);
        await this.#trtc.switchRole(role, { privateMapKey });
        this.#page.tell({ type: 'ticketTaken', permissions: form.permissions });
      }
      this.#form = { ...form, role };
      this.#page.tell({ type: 'roleTaken', role });
    });
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

  async #change(asking: 'ticket' | 'role', change: (form: EntryForm) => Promise<void>): Promise<void> {
    if (!this.#form || this.#over) return;
    this.#page.tell({ type: 'asking', asking });
    try {
      await change(this.#form);
    } catch (error) {
      const refusal = refusalFrom(error);
      if (refusal.cause !== 'aborted') this.#page.tell({ type: 'refused', refusal });
    }
    this.#page.tell({ type: 'asking', asking: undefined });
  }

  #needTicket(why: Deadline['why'], at: number): void {
    this.#page.tell({ type: 'ticketNeeded', deadline: { why, at } });
  }

  #hearConnection(): void {
    const { EVENT } = TRTC;
    this.#trtc.on(EVENT.CONNECTION_STATE_CHANGED, ({ state, isReconnecting }) => {
      const explanation = this.#trtc.permissions;
      if (state === 'CONNECTED' && explanation) this.#page.tell({ type: 'inside', explanation });
      else if (isReconnecting) this.#page.tell({ type: 'reconnecting' });
    });
    this.#trtc.on(EVENT.PERMISSION_CHANGED, () => {
      const explanation = this.#trtc.permissions;
      if (explanation) this.#page.tell({ type: 'explained', explanation });
    });
    this.#trtc.on(EVENT.KEY_WILL_EXPIRE, ({ expiresAt }) => this.#needTicket('expires', expiresAt));
    this.#trtc.on(EVENT.KEY_REQUIRED, ({ seconds }) =>
      this.#needTicket('required', Math.floor(Date.now() / 1000) + seconds),
    );
    this.#trtc.on(EVENT.KICKED_OUT, ({ reason, cause }) => {
      void this.#end({ type: 'left', refusal: removalRefusal(reason, cause) });
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
