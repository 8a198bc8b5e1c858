/** Where the media plane tells what happened. Fields hold ids and numbers: never a key, a ticket or session parameters. */
export type MediaLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, string | number>>,
) => void;
