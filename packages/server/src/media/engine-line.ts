/** What was to be closed is closed already: it went with what it belonged to, while it was still being opened. */
const closedAlready = /NotFoundError: .* not found \[method:\w+\.close\w+\]/;

/** How much a line matters that the engine itself calls an error. */
export const levelOfEngineError = (line: string): 'debug' | 'warn' =>
  closedAlready.test(line) ? 'debug' : 'warn';
