import type { Steps } from './steps.ts';
import { allMedia, enterWith255, nothing, type Way } from './way.ts';

/** The connection breaks, and the seat is taken up again. */
export const resume: Way = {
  name: 'resume',
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.deny(0);
    await subject.settle();
    await away(subject, 255 - byte);
    await observe('shrinking', 'denied 0', `denied ${255 - byte}`);
    await subject.deny(allMedia);
    await away(subject, 255 - byte);
    await observe('growing', `denied ${allMedia}`, `denied ${255 - byte}`);
  },
  says: {
    shrinking: 'held 255, denied 0 → connection broken, denied all but the byte, resumed',
    growing: `held 255, denied ${allMedia} → connection broken, denied all but the byte, resumed`,
  },
  combined:
    'one member and its two transports for many bytes, one after the other; a WebSocket for each resume',
};

/** Changes a member while it has no connection, which then takes its seat up again. */
async function away(subject: Steps, denied: number): Promise<void> {
  await subject.breakConnection();
  await subject.deny(denied);
  await subject.resume();
}

/** It is out, and enters again with a ticket of all bits. */
export const reentry: Way = {
  name: 'reentry',
  begin: nothing,
  async run(subject, byte, observe) {
    await subject.deny(0);
    await subject.enter(255, { relayed: true });
    await subject.settle();
    await subject.deny(255 - byte);
    await subject.leave();
    await subject.enter(255);
    await observe('shrinking', 'denied 0', `denied ${255 - byte}`);
    await subject.deny(allMedia);
    await subject.kick();
    await subject.deny(255 - byte);
    await subject.enter(255);
    await observe('growing', `denied ${allMedia}`, `denied ${255 - byte}`);
    subject.dropGhost();
  },
  says: {
    shrinking: 'held 255, denied 0 → denied all but the byte, left, entered again',
    growing: `held 255, denied ${allMedia} → put out, denied all but the byte, entered again`,
  },
  combined:
    'three entries for each byte, each with a WebSocket and two transports of its own. Who was denied bit 2 does not come in',
};

/** The worker that carries the room dies, and another one takes its place. */
export const workerDeath: Way = {
  name: 'workerDeath',
  killsWorker: true,
  begin: enterWith255,
  async run(subject, byte, observe) {
    await subject.deny(0);
    await subject.settle();
    await subject.deny(255 - byte);
    await subject.loseWorker();
    await observe('shrinking', 'denied 0', `denied ${255 - byte}`);
    await subject.deny(allMedia);
    await subject.deny(255 - byte);
    await subject.loseWorker();
    await observe('growing', `denied ${allMedia}`, `denied ${255 - byte}`);
  },
  says: {
    shrinking: 'held 255, denied 0 → denied all but the byte, then the worker dies and media comes back',
    growing: `held 255, denied ${allMedia} → denied all but the byte, then the worker dies and media comes back`,
  },
  combined:
    'one member and one connection for a few bytes, two new transports after each death; up to eight rooms on the one worker of a server, so that one death serves them all',
};
