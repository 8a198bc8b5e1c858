import { type DestinationStream, type Level, type LogFn, type Logger, pino } from 'pino';
import { LogSampler } from './log-sampler.ts';
import { type Applications, type EventListener, type RoomEvent, roomName } from './ports/index.ts';

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
  return destination ? pino(options, destination) : pino(options);
}

/**
 * Tells the log of members' lives, of refusals, and of what operators do. Of the refusals of one user, and of entries to one of
 * `applications` or to unknown ones for one cause, the first few in a minute are told.
 */
export function logEvents(log: Logger, applications: Pick<Applications, 'find'>): EventListener {
  // Whoever has no ticket can name any number of applications.
  const known = (sdkAppId: number) => (applications.find(sdkAppId) ? sdkAppId : 'unknown');
  const refusals = new LogSampler();
  return (event) => {
    switch (event.kind) {
      case 'memberEntered':
        return log.info(memberOf(event), 'member entered');
      case 'memberLeft':
        return log.info({ ...memberOf(event), reason: event.reason }, 'member left');
      case 'memberResumed':
        return log.info(memberOf(event), 'member resumed');
      case 'refused': {
        const { sdkAppId, cause, observed, at } = event;
        const source = 'userId' in event ? `user ${sdkAppId} ${event.userId}` : `${known(sdkAppId)} ${cause}`;
        const { isWritten, unwritten } = refusals.next(source, at);
        if (!isWritten) return;
        const more = unwritten > 0 ? { unwritten } : {};
        if (!observed) return log.info({ sdkAppId, cause, observed, ...more }, 'request refused');
        return log.info(
          { sdkAppId, ...memberOf(event), cause, observed, ...more },
          'request would be refused',
        );
      }
      case 'lacking': {
        const { sdkAppId, permissions } = event;
        return log.info(
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
