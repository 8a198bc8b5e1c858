import { ServiceError } from '@roomkey/protocol';
import { type DestinationStream, type Level, type LogFn, type Logger, pino } from 'pino';
import { LogSampler } from './log-sampler.ts';
import type { MediaLog } from './media/index.ts';
import {
  type Applications,
  type Clock,
  type EventListener,
  type RoomEvent,
  roomName,
  type Stay,
} from './ports/index.ts';
import type { MediaFailed } from './rooms/index.ts';

export interface LoggingOptions {
  /** Least important line that is written: `error` someone must act, `warn` recovered, `info` one line per change of life, `debug` the rest. */
  readonly level: Level | 'silent';
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** Fields that are hidden wherever they stand. Nothing should log them; this is the second line of defence. */
const hiddenFields = [
  'userSig',
  'privateMapKey',
  'ticket',
  'secret',
  'secretKey',
  'masterKey',
  'token',
  'password',
  'authorization',
  'cookie',
  'iceParameters',
  'dtlsParameters',
  'sdp',
];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/** Opens the log: one JSON object per line. */
export function createLogger({ level, destination }: LoggingOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError },
    redact: {
      paths: depths.flatMap((depth) => hiddenFields.map((field) => `${depth}${field}`)),
      censor: '[hidden]',
    },
    hooks: { logMethod: nameErrors, streamWrite: hideTickets },
  };
  return pino(options, destination ?? standardOutput());
}

/** Characters of lines that wait for standard output to take them. Later lines are left out. */
const MAX_WAITING = 1_048_576;

/**
 * Standard output. When it takes nothing, for example because the disk of a file is full, lines wait or are left out, and the service
 * goes on. It tries again with each line.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: false, maxLength: MAX_WAITING });
  let isFailing = false;
  output.on('error', () => {
    isFailing = true;
  });
  output.on('write', () => {
    isFailing = false;
  });
  // At the end of the process pino would otherwise try for ever, and the process would not end.
  const flushSync = output.flushSync.bind(output);
  output.flushSync = () => {
    if (!isFailing) flushSync();
  };
  return output;
}

/**
 * Tells the log of members' lives, of refusals, and of what operators do. Of the lines of one kind about one user, and of the refused
 * entries to one of `applications` or to unknown ones for one cause, the first few in a minute are told.
 */
export function logEvents(log: Logger, applications: Pick<Applications, 'find'>): EventListener {
  // Whoever has no ticket can name any number of applications.
  const known = (sdkAppId: number) => (applications.find(sdkAppId) ? sdkAppId : 'unknown');
  const sampler = new LogSampler();
  const tell = (event: RoomEvent & Stay, fields: object, says: string): void =>
    sampler.tell(`${event.kind} ${sourceOf(event)}`, event.at, (leftOut) =>
      log.info({ ...fields, ...leftOut }, says),
    );
  return (event) => {
    switch (event.kind) {
      case 'memberEntered':
        return tell(event, memberOf(event), 'member entered');
      case 'memberLeft':
        return tell(event, { ...memberOf(event), reason: event.reason }, 'member left');
      case 'memberResumed':
        return tell(event, memberOf(event), 'member resumed');
      case 'refused': {
        const { sdkAppId, cause, observed, at } = event;
        const source = 'userId' in event ? `user ${sourceOf(event)}` : `${known(sdkAppId)} ${cause}`;
        return sampler.tell(`refused ${source}`, at, (leftOut) => {
          if (!observed) return log.info({ sdkAppId, cause, observed, ...leftOut }, 'request refused');
          return log.info(
            { sdkAppId, ...memberOf(event), cause, observed, ...leftOut },
            'request would be refused',
          );
        });
      }
      case 'lacking': {
        const { sdkAppId, permissions } = event;
        return tell(
          event,
          { sdkAppId, ...memberOf(event), permissions },
          'key would not hold permissions in use',
        );
      }
      case 'applicationChanged': {
        const { actor, action, sdkAppId } = event;
        return log.info({ actor, action, sdkAppId }, 'application changed');
      }
      case 'operatorAction': {
        const { action, actor, cause, sdkAppId, room, userIds } = event;
        return log.info({ action, actor, cause, sdkAppId, room, users: userIds.length }, 'operator action');
      }
    }
  };
}

/** Tells the log of calls to the media plane that failed and that nobody waits for: the first few of one user in a minute. */
export function logMediaFailures(log: Logger, clock: Pick<Clock, 'now'>): MediaFailed {
  const sampler = new LogSampler();
  return (error, of) => {
    const cause = error instanceof ServiceError ? error.code : 'internal';
    const source = of ? `user ${sourceOf(of)}` : cause;
    const member = of && { room: of.room, userId: of.userId };
    sampler.tell(source, clock.now(), (leftOut) =>
      log.warn({ ...member, cause, ...leftOut }, 'media call failed'),
    );
  };
}

/** Tells the log what the media plane says. Members can bring about its warnings: of each text the first few in a minute are told. */
export function logMedia(log: Logger, clock: Pick<Clock, 'now'>): MediaLog {
  const sampler = new LogSampler();
  return (level, message, fields) => {
    if (level !== 'warn') return log[level](fields ?? {}, message);
    // Ids and numbers in it make no other text.
    const source = message.replace(/[0-9a-f-]{8,}|\d+/gi, '#');
    return sampler.tell(source, clock.now(), (leftOut) => log.warn({ ...fields, ...leftOut }, message));
  };
}

/** Tells the log what was thrown that should not have been, where nobody waits for an answer: the first few of one place in a minute. */
export function logFaults(log: Logger, clock: Pick<Clock, 'now'>): (error: unknown) => void {
  const sampler = new LogSampler();
  return (err) => {
    const [, place = 'unknown'] = (err instanceof Error && err.stack?.split('\n    at ', 2)) || [];
    sampler.tell(place, clock.now(), (leftOut) =>
      log.error({ err, ...leftOut }, 'something failed that nobody waits for'),
    );
  };
}

/** A user, whatever room or connection it uses. */
const sourceOf = ({ sdkAppId, userId }: { readonly sdkAppId: number; readonly userId: string }) =>
  `${sdkAppId} ${userId}`;

const memberOf = (event: RoomEvent & { readonly userId: string }) => ({
  room: roomName(event),
  userId: event.userId,
});

/** An error that is logged without a message would lend its own, past the serializer. */
function nameErrors(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, message, ...more] = args as [unknown, string?, ...unknown[]];
  const fields = first instanceof Error ? { err: first } : first;
  const isError = typeof fields === 'object' && fields !== null && 'err' in fields;
  method.call(this, fields, isError ? (message ?? 'an error') : message, ...more);
}

/** Tickets are longer than every id; whatever way one took into a line, it ends here. */
const hideTickets = (line: string): string => line.replace(/[A-Za-z0-9*_-]{100,}/g, '[hidden]');

interface PlainError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: PlainError;
}

/** Only the known fields of an error: others may hold what the caller sent. */
function plainError(thrown: unknown): PlainError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: hideSecrets(String(thrown)) };
  const { code } = thrown as { code?: unknown };
  return {
    type: thrown.name,
    message: hideSecrets(thrown.message),
    code: typeof code === 'string' ? hideSecrets(code) : undefined,
    stack: thrown.stack && hideSecrets(thrown.stack),
    ...(thrown.cause === undefined ? {} : { cause: plainError(thrown.cause) }),
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tickets, keys and ICE passwords are runs of at least 32 such characters; so are the ids of the media plane. */
const hideSecrets = (text: string): string =>
  text.replace(/[A-Za-z0-9*_+=-]{32,}/g, (run) => (uuid.test(run) ? run : '[hidden]'));
