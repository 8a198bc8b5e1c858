import type { Cause } from '@roomkey/sdk';
import { bitLabels } from './bit.ts';

interface Sentence {
  readonly title: string;
  readonly sentence: string;
}

/** Causes that neither the SDK nor the wire knows: of the server's ticket route, and of this page. */
type OwnCause =
  | 'hostNotLocal'
  | 'originMissing'
  | 'originForeign'
  | 'forwarded'
  | 'demoUnavailable'
  | 'ticketsUnreachable'
  | 'screenNotChosen'
  | 'screenSoundDenied'
  | 'enteredElsewhere'
  | 'roomDismissed';

const say = (title: string, sentence: string): Sentence => ({ title, sentence });

const quoted = (bit: keyof typeof bitLabels) => `“${bitLabels[bit]}”`;

const userSig = (sentence: string) => say('The server does not believe who you are', sentence);
const key = (sentence: string) => say('The key does not fit', sentence);
const noTicket = (sentence: string) => say('No tickets for you', sentence);
const wait = (title: string, sentence: string) => say(title, `${sentence} Try again in a moment.`);

/**
 * What the page says when something is refused, by the name of the cause. Causes without a row (those that only a
 * faulty client can provoke) are said in the server's own words.
 */
export const sentences = {
  // Who, where.
  applicationUnknown: say(
    'No such application',
    'The server does not know the application that this page belongs to.',
  ),
  userIdIllegal: say(
    'Please choose another name',
    'A name is 1 to 32 letters (a to z), digits, “_” and “-”, without spaces.',
  ),
  roomIdMissing: say('Which room?', 'Please give a room: a number, or a text.'),
  roomIdIllegal: say(
    'That is not a room number',
    'A room number is a whole number from 1 to 4294967294. For anything else, choose “Text”.',
  ),
  strRoomIdIllegal: say(
    'That cannot be the name of a room',
    'The name of a room is 1 to 64 characters: only letters (a to z), digits, spaces and !#$%&()+-:;<=.>?@[]^_{}|~, are allowed.',
  ),

  // UserSig.
  userSigMissing: userSig('The UserSig is empty: the ticket that says who you are was not sent along.'),
  userSigMalformed: userSig('What was sent as UserSig is not a ticket. It may have been cut off on the way.'),
  userSigUnsafe: userSig('The UserSig holds a name with characters that are not allowed.'),
  userSigForged: userSig('No key of this application signed the UserSig.'),
  userSigWrongApplication: userSig('The UserSig was signed for another application.'),
  userSigWrongUser: userSig('The UserSig was signed for somebody with another name.'),
  userSigExpired: userSig('The UserSig has expired. Enter again to get a fresh one.'),
  userSigIssuedInFuture: userSig(
    'The UserSig was signed with a time in the future. The clock of the server that signed it may be wrong.',
  ),
  userSigIsPrivateMapKey: userSig('A PrivateMapKey was sent in the place of the UserSig.'),

  // PrivateMapKey.
  privateMapKeyMissing: key('Rooms open only with a PrivateMapKey here, and none was sent along.'),
  privateMapKeyMalformed: key(
    'What was sent as PrivateMapKey is not a ticket. It may have been cut off on the way.',
  ),
  privateMapKeyUnsafe: key('The PrivateMapKey holds a name with characters that are not allowed.'),
  privateMapKeyForged: key('No key of this application signed the PrivateMapKey.'),
  privateMapKeyWrongApplication: key('The PrivateMapKey was signed for another application.'),
  privateMapKeyWrongUser: key('The PrivateMapKey was signed for somebody with another name.'),
  privateMapKeyWrongRoom: key(
    'The PrivateMapKey was signed for another room. The number 123 and the text “123” are two rooms.',
  ),
  privateMapKeyExpired: key('The PrivateMapKey has expired. Enter again to get a fresh one.'),
  privateMapKeyIssuedInFuture: key(
    'The PrivateMapKey was signed with a time in the future. The clock of the server that signed it may be wrong.',
  ),
  privateMapKeyIsUserSig: key('A UserSig was sent in the place of the PrivateMapKey.'),

  // Bits and room.
  keyOlder: key('The new PrivateMapKey was signed before the one in use.'),
  keyCompromised: key('The secret key that signed your tickets is no longer trusted. You need new tickets.'),
  userSigRevoked: userSig('The UserSig was taken back. You need a new one.'),
  privateMapKeyRevoked: key('The PrivateMapKey was taken back. You need a new one.'),
  enterRoomDenied: say(
    'This ticket opens no door',
    `It may not enter the room. Switch on ${quoted('enterRoom')}, and try again.`,
  ),
  createRoomDenied: say(
    'The room does not exist yet',
    `This ticket may not create it. Switch on ${quoted('createRoom')}, or let somebody who may open it first.`,
  ),
  authBitsIllegal: say('That is not a permission byte', 'Permissions are a whole number from 0 to 255.'),
  authBitsBeyondHeld: say(
    'More than the ticket holds',
    'Nobody can ask for permissions that the ticket does not hold.',
  ),
  tooManyConnections: wait('The server is full', 'It takes no more members at the moment.'),
  roomFull: wait('The room is full', 'It has reached its limit of members.'),
  tooManyRooms: wait('No more rooms', 'The application has reached its limit of rooms.'),
  userAlreadyInside: say(
    'This name is taken',
    'Somebody with this name is in the room already. Choose another name.',
  ),

  // Media, by permission. What can be done about it depends on the room, and is added there.
  sendAudioDenied: say('You may not speak here', 'The server refused your microphone. Nobody can hear you.'),
  recvAudioDenied: say('You may not hear here', 'The server sends you no sound.'),
  sendVideoDenied: say(
    'You may not show your camera here',
    'The server refused it. Nobody can see your camera.',
  ),
  recvVideoDenied: say('You may not see cameras here', 'The server sends you no camera.'),
  sendSubDenied: say(
    'You may not share your screen here',
    'The server refused it. Nobody can see your screen.',
  ),
  recvSubDenied: say('You may not see screens here', 'The server sends you no shared screen.'),
  screenSoundDenied: say(
    'Your screen is shared without its sound',
    'You may not send sound here. The sound of a screen needs the same permission as the microphone.',
  ),

  // Media, otherwise.
  slotTaken: say(
    'You are sending that already',
    'Stop the other one first. It may run in another tab under the same name.',
  ),
  keyFramesExceeded: say(
    'This picture was stopped',
    'Your browser asked the sender for whole pictures too often. Try again in a moment.',
  ),
  bitrateExceeded: say(
    'Too much data',
    'The server closed the track because its bitrate was above the limit.',
  ),
  mediaUnavailable: wait('The media engine does not answer', 'It may be restarting.'),
  memberUnknown: say('Gone', 'That member has just left the room.'),

  // The server and the way to it.
  tooManyRequests: wait('Slowly, please', 'You sent too many requests.'),
  tooManyChanges: wait('Slowly, please', 'You made too many changes that the others have to follow.'),
  journalUnavailable: wait(
    'The server cannot write its journal',
    'Until it can, nobody enters and nobody gets more permissions.',
  ),
  serverStopping: wait('The server is stopping', 'It asked everybody to come back later.'),
  resumeRefused: wait('Your seat is gone', 'The connection was lost for too long. Enter again.'),
  connectionLost: wait('The connection is gone', 'The server cannot be reached, or the network is down.'),
  internal: say('The server failed', 'That is a fault of the server. Its log says more.'),
  mediaPathFailed: say(
    'No way through for sound and picture',
    'The server can be reached, but sound and picture do not get through. A firewall may block UDP and TCP.',
  ),
  rejoinFailed: say(
    'Could not come back',
    'The connection broke, and entering again did not work. Enter once more.',
  ),
  mediaTimeout: wait('That took too long', 'The server or the browser did not answer in time.'),

  enteredElsewhere: say(
    'You entered somewhere else',
    'The same name has entered the room again, perhaps in another tab. That one stays.',
  ),
  banned: say('You were put out', 'Somebody in charge of the room removed you, perhaps for some time.'),
  roomDismissed: say('The room was closed', 'Somebody in charge of it sent everybody home.'),

  // This browser and its devices; which one it is stands before the title.
  insecurePage: say(
    'The browser keeps the camera locked',
    'Browsers allow camera and microphone only on localhost or over HTTPS. You can still watch and listen.',
  ),
  webrtcUnsupported: say(
    'This browser cannot make calls',
    'It has no WebRTC. Use a current Chrome, Edge, Firefox or Safari.',
  ),
  h264EncodeUnsupported: say('No H.264', 'This browser does not encode H.264.'),
  codecNotEncodable: say('No codec in common', 'This browser encodes no codec that the server takes.'),
  screenShareUnsupported: say(
    'No screen sharing',
    'This browser cannot share screens. Browsers on phones cannot.',
  ),
  deviceNotFound: say('Not found', 'No such device is plugged in, or the system hides it from the browser.'),
  deviceNotAllowed: say(
    'Not allowed',
    'Access was declined. Allow it with the icon beside the address, and press the button again.',
  ),
  screenNotChosen: say(
    'Nothing is shared',
    'No screen was chosen, or the system does not let the browser see it.',
  ),
  deviceNotReadable: say('Busy', 'Another program may be using it. Close that program, and try again.'),
  deviceOverconstrained: say('Not good enough', 'It offers no picture or sound as it was asked for.'),
  deviceSecurity: say(
    'Forbidden by the system',
    'The browser or the system does not allow recording on this page.',
  ),
  deviceAbort: wait('Stopped', 'It ended while it was being opened.'),
  cameraLost: say('The camera is gone', 'It was unplugged or taken by another program.'),
  microphoneLost: say('The microphone is gone', 'It was unplugged or taken by another program.'),

  // The tickets of this page: names of the server's HTTP refusals, and of this page.
  hostNotLocal: noTicket(
    'The server gives tickets only to pages on its own computer: on localhost, 127.0.0.1 or [::1].',
  ),
  originMissing: noTicket('The browser did not say which page asked. Reload the page.'),
  originForeign: noTicket('The server gives tickets only to its own demo page.'),
  forwarded: noTicket('The request came through a proxy. The server gives tickets only to its own computer.'),
  demoUnavailable: noTicket('The application of the demo has no active key.'),
  ticketsUnreachable: noTicket('The server cannot be reached, or its demo page is switched off.'),
} satisfies Partial<Record<Cause | OwnCause, Sentence>>;
