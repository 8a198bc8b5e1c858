/** What was to be closed is closed already: it went with what it belonged to, while it was still being opened. */
const closedAlready = /NotFoundError: .* not found \[method:\w+\.close\w+\]/;

/** The least that is to be sent was raised above the present estimate, which the engine then does. */
const raised = /start bitrate smaller than min bitrate/;

/** The channel is closed by the server alone, when a worker has nothing more to do. */
const ended = /channel remotely closed, closing myself/;

/** How much a line matters that the engine itself calls an error. */
export const levelOfEngineError = (line: string): 'debug' | 'warn' =>
  [closedAlready, raised, ended].some((harmless) => harmless.test(line)) ? 'debug' : 'warn';
